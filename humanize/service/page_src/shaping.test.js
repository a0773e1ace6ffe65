import assert from "node:assert/strict";
import test from "node:test";
import { COLOURS, shape } from "./shaping.js";

const all = () => true;
const plain = { strength: 1, mean: null, contrast: 1 };

test("full strength takes the prediction, rounded half up", () => {
  assert.deepEqual([...shape([60.5, 70.4, null], [64, 64, 99], all, plain)], [61, 70, 99]);
});
test("strength 0 leaves every note as it came", () => {
  assert.deepEqual([...shape([60, 70], [64, 1], all, { ...plain, strength: 0 })], [64, 1]);
});
test("contrast 0 with a mean is flat at that mean, within 1 and 127", () => {
  assert.deepEqual([...shape([60, 70], [64, 64], all, { ...plain, contrast: 0, mean: 80 })], [80, 80]);
  assert.deepEqual([...shape([10, 120], [64, 64], all, { ...plain, contrast: 4 })], [1, 127]);
});
test("notes that are not chosen neither change nor count", () => {
  assert.deepEqual([...shape([60, 90], [64, 64], (i) => i === 0, { ...plain, mean: 70 })], [70, 64]);
});
test("every velocity has its own colour at the ends", () => {
  assert.notEqual(COLOURS[1], COLOURS[127]);
  assert.equal(COLOURS.length, 128);
});
