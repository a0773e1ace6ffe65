// The answer of /v1/velocities as one list of notes on one time line.
import { Midi } from "@tonejs/midi";
import { DRUMS, shape } from "./shaping.js";

/** Join the pieces (a type 2 file has several) one after the other. */
export function readMusic(answer, bytes) {
  const pieces = [];
  const notes = [];
  let offset = 0;
  for (const [piece, { columns }] of answer.pieces.entries()) {
    const first = notes.length;
    let end = offset;
    for (let i = 0; i < columns.pitch.length; i++) {
      const start = offset + columns.onset_sec[i];
      const stop = start + columns.duration_sec[i];
      end = Math.max(end, stop);
      notes.push({
        start,
        stop,
        pitch: columns.pitch[i],
        channel: columns.channel[i] - 1,
        track: columns.track[i],
        piece,
        measure: columns.measure[i],
        drum: columns.instrument[i] === DRUMS,
      });
    }
    pieces.push({ first, before: columns.velocity_before, predicted: columns.predicted });
    offset = end + 1;
  }
  const length = notes.reduce((latest, note) => Math.max(latest, note.stop), 0);
  const isScore = !isMidi(bytes);
  // the reader of the pedal puts all tracks on one time line, which those of type 2 are not on
  const pedal = isScore || pieces.length > 1 ? [] : readPedal(bytes);
  return { answer, notes, pieces, length, before: joined(pieces), pedal, isScore };
}

function joined(pieces) {
  return Int16Array.from(pieces.flatMap((piece) => piece.before));
}

/** Velocities of all notes for the settings of the page. */
export function shaped(music, settings) {
  const after = new Int16Array(music.notes.length);
  for (const { first, before, predicted } of music.pieces) {
    const chosen = (i) => settings.tracks === null || settings.tracks.has(music.notes[first + i].track);
    after.set(shape(predicted, before, chosen, settings), first);
  }
  return after;
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
