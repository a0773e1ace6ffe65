// What is sent to the synthesizer, in order of time: note-ons, note-offs and pedals.
import { DRUM_KIT, soundOf } from "./instruments.js";

export const DRUM_CHANNEL = 9;
const CHANNELS = 16;
const SHORTEST_SEC = 0.03;
export const [OFF, PEDAL_MOVES, ON] = [0, 1, 2]; // at one time in this order

/** A channel for each sound and channel of the file, drums on theirs; `of` has that of each note. */
export function channelsOf(notes) {
  const places = new Map();
  const sounds = new Map();
  const free = [...Array(CHANNELS).keys()].filter((c) => c !== DRUM_CHANNEL);
  const key = (note) => `${note.channel} ${soundOf(note.program)}`;
  for (const note of notes) {
    if (note.drum) {
      sounds.set(DRUM_CHANNEL, DRUM_KIT);
      continue;
    }
    if (places.has(key(note))) continue;
    const own = free.includes(note.channel) ? note.channel : free[0];
    const alike = [...sounds].find(([c, sound]) => c !== DRUM_CHANNEL && sound === soundOf(note.program));
    const channel = own ?? alike?.[0] ?? 0;
    if (own !== undefined) free.splice(free.indexOf(own), 1);
    places.set(key(note), channel);
    if (!sounds.has(channel)) sounds.set(channel, soundOf(note.program));
  }
  const of = Uint8Array.from(notes, (note) => (note.drum ? DRUM_CHANNEL : places.get(key(note))));
  const ofFile = new Map();
  notes.forEach((note, i) => note.drum || ofFile.set(note.channel, of[i]));
  return { of, ofFile, sounds };
}

/**
 * Events of a version: `at` (s), `kind` (OFF, PEDAL_MOVES or ON) and `index`, the note's or the pedal's;
 * `pedals` are [s, channel, value]. A note ends where the same key is struck again.
 *
 * The orders of the last version lead to those of this one in a step or two a note: tens of thousands of
 * notes are in order within a few milliseconds.
 */
export function timeline({ notes, order, byStop }, version, channels) {
  const { start } = version;
  nearlySorted(order, start);
  const ends = endsOf(notes, order, version, channels);
  nearlySorted(byStop, ends);
  const pedals = version.pedal
    .filter(([, channel]) => channel === null || channels.ofFile.has(channel))
    .map(([at, channel, value]) => [at, channel === null ? null : channels.ofFile.get(channel), value])
    .sort((a, b) => a[0] - b[0]);
  return { ...merged([[byStop, (i) => ends[i]], [pedals.map((_, k) => k), (k) => pedals[k][0]], [order, (i) => start[i]]]), pedals };
}

function endsOf(notes, order, { start, stop }, channels) {
  const ends = new Float64Array(notes.length);
  const sounding = new Int32Array(CHANNELS * 128).fill(-1);
  for (const i of order) {
    const key = channels.of[i] * 128 + notes[i].pitch;
    const last = sounding[key];
    if (last >= 0 && ends[last] > start[i]) ends[last] = start[i];
    ends[i] = Math.max(stop[i], start[i] + SHORTEST_SEC);
    sounding[key] = i;
  }
  return ends;
}

/** Sort indices by what they stand for, in place, by insertion. */
function nearlySorted(indices, values) {
  for (let k = 1; k < indices.length; k++) {
    const own = indices[k];
    const value = values[own];
    let place = k;
    while (place > 0 && values[indices[place - 1]] > value) indices[place] = indices[--place];
    indices[place] = own;
  }
}

/** Lists in order, each of a kind by its number, as one; of equal times the lower kind first. */
function merged(lists) {
  const length = lists.reduce((sum, [indices]) => sum + indices.length, 0);
  const [at, kind, index] = [new Float64Array(length), new Uint8Array(length), new Int32Array(length)];
  const next = lists.map(() => 0);
  const times = lists.map(([indices, time]) => (indices.length ? time(indices[0]) : Infinity));
  for (let k = 0; k < length; k++) {
    let first = 0;
    for (let other = 1; other < lists.length; other++) if (times[other] < times[first]) first = other;
    const [indices, time] = lists[first];
    [at[k], kind[k], index[k]] = [times[first], first, indices[next[first]]];
    next[first]++;
    times[first] = next[first] < indices.length ? time(indices[next[first]]) : Infinity;
  }
  return { at, kind, index };
}
