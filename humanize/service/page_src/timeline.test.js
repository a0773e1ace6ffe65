import assert from "node:assert/strict";
import test from "node:test";
import { channelsOf, DRUM_CHANNEL, OFF, ON, PEDAL_MOVES, timeline } from "./timeline.js";

const note = (start, stop, pitch, more = {}) => ({ start, stop, pitch, channel: 0, program: 0, drum: false, ...more });

function told(notes, version, orders = {}) {
  const music = { notes, order: notes.map((_, i) => i), byStop: notes.map((_, i) => i), ...orders };
  const { at, kind, index } = timeline(music, version, channelsOf(notes));
  return [...at].map((second, k) => [second, kind[k], index[k]]);
}

const written = (notes, pedal = []) => ({ start: notes.map((n) => n.start), stop: notes.map((n) => n.stop), pedal });

test("at one time a key is let go, then the pedal moves, then a key is struck", () => {
  const notes = [note(0, 1, 60), note(1, 2, 62)];
  assert.deepEqual(told(notes, written(notes, [[1, null, 127]])), [
    [0, ON, 0], [1, OFF, 0], [1, PEDAL_MOVES, 0], [1, ON, 1], [2, OFF, 1],
  ]);
});
test("a note ends where its key is struck again, and lasts long enough to be heard", () => {
  const notes = [note(0, 5, 60), note(1, 1, 60), note(0.5, 2, 61)];
  const events = told(notes, written(notes));
  assert.deepEqual(events.filter(([, kind]) => kind === OFF), [[1, OFF, 0], [1.03, OFF, 1], [2, OFF, 2]]);
});
test("whatever the order was before, events are in order of time", () => {
  const notes = [3, 1, 2, 0].map((start, i) => note(start, start + 0.5, 60 + i));
  const events = told(notes, written(notes), { order: [2, 0, 3, 1], byStop: [0, 1, 2, 3] });
  assert.deepEqual(events.map(([at]) => at), [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]);
});
test("pedals of channels without notes are left out, and those that stay come in order", () => {
  const notes = [note(0, 1, 60, { channel: 3 })];
  const music = { notes, order: [0], byStop: [0] };
  const { pedals } = timeline(music, written(notes, [[2, 3, 0], [0.5, 3, 127], [0.1, 7, 127]]), channelsOf(notes));
  assert.deepEqual(pedals, [[0.5, 3, 127], [2, 3, 0]]);
});
test("drums have their channel, and two sounds of a channel one each", () => {
  const notes = [note(0, 1, 60), note(0, 1, 62, { program: 40 }), note(0, 1, 38, { drum: true, channel: 9 })];
  const { of, sounds } = channelsOf(notes);
  assert.equal(of[2], DRUM_CHANNEL);
  assert.notEqual(of[0], of[1]);
  assert.equal(sounds.get(of[1]), 40);
});
