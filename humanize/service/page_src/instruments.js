// Which sounds of General MIDI stand beside the page, and which of them stands in for the others.

/** Programs (0-based) with a bank of their own in static/sounds; 0 is the piano. */
export const SOUNDS = [0, 4, 6, 11, 16, 24, 32, 40, 42, 46, 47, 48, 53, 56, 57, 58, 68, 70, 71, 73];
export const DRUM_KIT = "drums";

