// The answers of the service as one list of notes on one time line, and the versions that are heard.
import { Midi } from "@tonejs/midi";
import { asNumbers, blend, follower, pedalSpans, performedTimes } from "./playing.js";
import { DRUMS, shape } from "./shaping.js";

const PAUSE_SEC = 1; // between the pieces of a file of type 2

/** Join the pieces (a type 2 file has several) one after the other. */
export function readMusic(answer, bytes) {
  const pieces = [];
  const notes = [];
  let offset = 0;
  for (const [piece, { columns }] of answer.pieces.entries()) {
    const first = notes.length;
    let end = offset;
    for (let i = 0; i < columns.pitch.length; i++) {
      const note = noteOf(columns, i, piece, offset);
      end = Math.max(end, note.stop);
      notes.push(note);
    }
    pieces.push({ first, offset, columns, before: columns.velocity_before });
    offset = end + PAUSE_SEC;
  }
  const isScore = !isMidi(bytes);
  // the reader of the pedal puts all tracks on one time line, which those of type 2 are not on
  const pedal = isScore || pieces.length > 1 ? [] : readPedal(bytes);
  const music = { answer, notes, pieces, pedal, isScore, tracks: answer.tracks };
  music.length = notes.reduce((latest, note) => Math.max(latest, note.stop), 0);
  music.before = Int16Array.from(pieces.flatMap((p) => p.before));
  music.drumsAlone = notes.every((note) => note.drum);
  music.longest = notes.reduce((longest, note) => Math.max(longest, note.stop - note.start), 0);
  music.order = notes.map((_, i) => i).sort((a, b) => notes[a].start - notes[b].start);
  music.byStop = notes.map((_, i) => i).sort((a, b) => notes[a].stop - notes[b].stop);
  music.starts = Float64Array.from(music.order, (i) => notes[i].start);
  music.measures = measureStarts(notes);
  return music;
}

function noteOf(columns, i, piece, offset) {
  const start = offset + columns.onset_sec[i];
  return {
    start,
    stop: start + columns.duration_sec[i],
    pitch: columns.pitch[i],
    channel: columns.channel[i] - 1,
    track: columns.track[i],
    program: columns.program[i],
    instrument: columns.instrument[i],
    measure: columns.measure[i],
    mark: columns.place?.[i] >= 0 ? `v${columns.place[i]}` : (columns.written_id?.[i] ?? null),
    piece,
    drum: columns.instrument[i] === DRUMS,
  };
}

/** Number and first second of every measure of every piece. */
function measureStarts(notes) {
  const starts = new Map();
  for (const { piece, measure, start } of notes) {
    const key = `${piece} ${measure}`;
    if (!(starts.get(key)?.[1] <= start)) starts.set(key, [measure, start]);
  }
  return [...starts.values()].sort((a, b) => a[1] - b[1]);
}

function isMidi(bytes) {
  const start = String.fromCharCode(...new Uint8Array(bytes.slice(0, 4)));
  return start === "MThd" || start === "RIFF";
}

/** Sustain pedal as [second, channel, value], in order. */
function readPedal(bytes) {
  let midi;
  try {
    midi = new Midi(bytes);
  } catch {
    return []; // what the service reads and this reader does not is heard without pedal
  }
  const events = midi.tracks.flatMap((track) =>
    (track.controlChanges[64] ?? []).map((c) => [c.time, track.channel, Math.round(c.value * 127)]),
  );
  return events.sort((a, b) => a[0] - b[0]);
}

/** What one answer of the service says of each piece: predicted velocities, and how it is played. */
export function interpretationOf(answer) {
  return answer.pieces.map(({ columns, performance }) => asNumbers({ predicted: columns.predicted, performance }));
}

export { blend };

/**
 * Velocities of all notes: the whole by its settings, each passage by its own, single notes as set.
 * `passages` have `from` and `to` (measures) and `settings`; `edits` maps a note to its velocity.
 */
export function shaped(music, interpretation, { settings, passages = [], edits = new Map(), changes, amount }) {
  const after = new Int16Array(music.notes.length);
  music.pieces.forEach(({ first, before }, p) => {
    const { predicted } = interpretation[p];
    const share = (i) => amount(music.notes[first + i]);
    const chosen = (i) => changes(music.notes[first + i]);
    after.set(shape(predicted, before, chosen, settings, share), first);
    for (const { from, to, settings: own } of passages) {
      const inside = (i) => chosen(i) && within(music.notes[first + i], from, to);
      const passage = shape(predicted, before, inside, own, share);
      for (let i = 0; i < passage.length; i++) if (inside(i)) after[first + i] = passage[i];
    }
  });
  for (const [i, velocity] of edits) after[i] = velocity;
  return after;
}

export const within = (note, from, to) => note.measure >= from && note.measure <= to;

/** The music as it is written: start and stop of every note, pedals, the two time lines the same. */
export function writtenVersion(music) {
  music.times ??= timesOf(music.notes);
  return {
    start: music.times.start.slice(),
    stop: music.times.stop.slice(),
    pedal: music.pedal,
    length: music.length,
    played: (sec) => sec,
    written: (sec) => sec,
  };
}

function timesOf(notes) {
  const [start, stop] = [new Float64Array(notes.length), new Float64Array(notes.length)];
  notes.forEach((note, i) => {
    start[i] = note.start;
    stop[i] = note.stop;
  });
  return { start, stop };
}

/** The music as it is performed. `amounts` has rubato, timing, articulation and pedal. */
export function performedVersion(music, interpretation, amounts) {
  const version = writtenVersion(music);
  const [knots, played] = [[], []];
  const spans = [];
  let offset = 0;
  music.pieces.forEach(({ first, columns, offset: written }, p) => {
    const { performance } = interpretation[p];
    const { start, stop, map } = performedTimes(columns, performance, amounts);
    let end = 0;
    for (let i = 0; i < start.length; i++) {
      version.start[first + i] = offset + start[i];
      version.stop[first + i] = offset + stop[i];
      end = Math.max(end, stop[i]);
    }
    map.notated.forEach((second, k) => {
      knots.push(written + second);
      played.push(offset + map.secs[k]);
    });
    for (const [down, up] of pedalSpans(performance, map, end)) spans.push([offset + down, offset + up]);
    offset += end + PAUSE_SEC;
  });
  version.length = offset - PAUSE_SEC;
  version.played = follower(knots, played);
  version.written = follower(played, knots);
  version.pedalAdded = amounts.pedal && !music.pedal.length;
  version.pedal = version.pedalAdded
    ? spans.flatMap(([down, up]) => [[down, null, 127], [up, null, 0]])
    : music.pedal.map(([at, channel, value]) => [version.played(at), channel, value]);
  version.spans = version.pedalAdded ? spans : [];
  return version;
}

/** Mean, lowest and highest of some velocities. */
export function summary(velocities) {
  if (!velocities.length) return { mean: 0, low: 0, high: 0 };
  let [sum, low, high] = [0, 127, 0];
  for (const v of velocities) {
    sum += v;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return { mean: sum / velocities.length, low, high };
}

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
export const pitchName = (pitch) => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
