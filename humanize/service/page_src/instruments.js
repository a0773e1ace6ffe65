// Which sounds of General MIDI stand beside the page, and which of them stand in for the others.

/** Programs (0-based) with a bank of their own in static/sounds; 0 is the piano. */
export const SOUNDS = [0, 4, 6, 11, 16, 24, 32, 40, 42, 46, 47, 48, 53, 56, 57, 58, 68, 70, 71, 73];
export const DRUM_KIT = "drums";

const NAMES = {
  0: "piano", 4: "electric piano", 6: "harpsichord", 11: "vibraphone", 16: "organ", 24: "guitar", 32: "bass",
  40: "violin", 42: "cello", 46: "harp", 47: "timpani", 48: "strings", 53: "voices", 56: "trumpet", 57: "trombone",
  58: "tuba", 68: "oboe", 70: "bassoon", 71: "clarinet", 73: "flute",
};

/** First program of each stretch of General MIDI, and the sound that is taken for it. */
const STRETCHES = [
  [0, 0], [4, 4], [6, 6], [8, 11], [16, 16], [24, 24], [32, 32], [40, 40], [42, 42], [44, 48], [46, 46], [47, 47],
  [48, 48], [52, 53], [56, 56], [57, 57], [58, 58], [59, 56], [60, 57], [61, 56], [64, 71], [68, 68], [70, 70],
  [71, 71], [72, 73], [80, 16], [88, 48], [96, 11], [104, 24], [112, 47], [120, 0],
];

/** The sound of a program: its own, or one that is near; a piano where none is named. */
export function soundOf(program) {
  if (!(program >= 0)) return 0;
  return STRETCHES.findLast(([first]) => first <= program)[1];
}

/** What to say of a sound; whether it stands in for another. */
export function soundName(program) {
  const sound = soundOf(program);
  return program < 0 || sound === program ? NAMES[sound] : `${NAMES[sound]}, standing in`;
}

/** Colours of instruments, told apart in light and dark and by the colour-blind. */
export const LANE_COLOURS = ["#4477aa", "#cc6677", "#228833", "#aa8800", "#8855aa", "#228899", "#bb5522", "#777788"];
