import assert from "node:assert/strict";
import test from "node:test";
import { asNumbers, blend, cornerWeights, follower, pedalSpans, performedTimes, timeMap } from "./playing.js";

const played = {
  notated_beat: [0, 1, 2], notated_sec: [0, 0.5, 1],
  onset_beat: [0, 1], log_beat_period: [Math.log(2), Math.log(0.5)],
  asynchrony_ms: [-10, 10, 0], log_articulation: [Math.log(0.5), 0, 0],
  pedal_lift_ms: [null, 40], pedal_press_ms: [150, 160],
};
const columns = { pitch: [60, 64, 67], instrument: [0, 0, 0], onset_beat: [0, 0, 1], duration_beat: [1, 1, 1] };
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("an interval is stretched by its log beat period, by its amount, and time goes on as notated", () => {
  const full = timeMap(played, 1);
  near(full.at(1), 1);
  near(full.at(2), 1.25);
  near(full.at(3), 1.75);
  near(timeMap(played, 0).at(2), 1);
});
test("a chord keeps one note on the beat, and a key is let go by its articulation", () => {
  const { start, stop } = performedTimes(columns, played, { rubato: 0, timing: 1, articulation: 1 });
  near(start[0], 0);
  near(start[1], 0.02);
  near(stop[0], 0.25);
  near(start[2], 0.5);
});
test("amounts of 0 leave the notes where they are written", () => {
  const { start, stop } = performedTimes(columns, played, { rubato: 0, timing: 0, articulation: 0 });
  assert.deepEqual([...start], [0, 0, 0.5]);
  assert.deepEqual([...stop], [0.5, 0.5, 1]);
});
test("the pedal is let up before it is pressed again, and held to the end", () => {
  const map = timeMap(played, 0);
  assert.deepEqual(pedalSpans(played, map, 1).map((s) => s.map((x) => Math.round(x * 1000))), [[150, 540], [660, 1000]]);
});
test("a blend half way is the mean; its pedal is the heaviest's", () => {
  const piece = (p, period, press) => [asNumbers({ predicted: [p, null], performance: { ...played, log_beat_period: [period, 0], pedal_press_ms: [press, null] } })];
  const [half] = blend([{ weight: 1, pieces: piece(40, 0, 1) }, { weight: 3, pieces: piece(80, 1, 2) }]);
  near(half.predicted[0], 70);
  assert.ok(Number.isNaN(half.predicted[1]));
  near(half.performance.log_beat_period[0], 0.75);
  assert.equal(half.performance.pedal_press_ms[0], 2);
});
test("a corner has all the weight in its corner, a quarter in the middle", () => {
  assert.deepEqual(cornerWeights(0, 0), [1, 0, 0, 0]);
  assert.deepEqual(cornerWeights(1, 1), [0, 0, 0, 1]);
  assert.deepEqual(cornerWeights(0.5, 0.5), [0.25, 0.25, 0.25, 0.25]);
});
test("a follower goes straight on beyond its ends", () => {
  const f = follower([0, 1], [0, 2]);
  near(f(2), 4);
  near(f(-1), -2);
});
test("what the service leaves out moves nothing", () => {
  const gaps = { ...played, asynchrony_ms: [null, null, null], log_articulation: [null, null, null], drum_lag_ms: [null, null, 20] };
  for (const own of [gaps, asNumbers({ predicted: [], performance: gaps }).performance]) {
    const { start, stop } = performedTimes(columns, own, { rubato: 0, timing: 1, articulation: 1 });
    assert.deepEqual([...start], [0, 0, 0.52]);
    near(stop[0], 0.5);
    near(stop[2], 1.02);
  }
});
