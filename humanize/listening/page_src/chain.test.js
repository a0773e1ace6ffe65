import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { countValid, makeLine, packetOf } from "./chain.js";

const KEY = "5".repeat(64);
const TRIALS = ["0123456789abcdef", "fedcba9876543210"].map((id) => ({ id, question: "human", sounds: 2 }));
const packet = { key_sha256: KEY, raters: { "0a1b2c3d": TRIALS } };
const answer = { grade: -2, heard: [2, 1], seconds: 41.249 };

function write(answers) {
  const lines = [];
  for (const [place, each] of answers.entries()) {
    lines.push(makeLine({ packet, code: "0a1b2c3d", place, previous: lines.at(-1), answer: each, at: new Date(1e12) }));
  }
  return lines;
}

test("a line is what the format says, byte for byte", () => {
  const body =
    `{"version":1,"packet":"${KEY}","rater":"0a1b2c3d","place":0,"trial":"0123456789abcdef","question":"human",` +
    '"order":["0123456789abcdefa","0123456789abcdefb"],"grade":-2,"heard":[2,1],"seconds":41.2,"at":"2001-09-09T01:46:40Z"';
  const chain = createHash("sha256").update(`${KEY}\n${body}}`).digest("hex");
  assert.equal(write([answer])[0], `${body},"chain":"${chain}"}`);
});

test("ratings stand after the grade", () => {
  const [line] = write([{ grade: null, ratings: [0, 100], heard: [1, 1], seconds: 3 }]);
  assert.match(line, /"grade":null,"ratings":\[0,100\],"heard":\[1,1\],"seconds":3,/);
});

test("a change, a gap and another order are found", () => {
  const lines = write([answer, { ...answer, grade: 3 }]);
  const count = (changed) => countValid(packet, "0a1b2c3d", changed);
  assert.equal(count(lines), 2);
  assert.equal(count([lines[0], lines[1].replace('"grade":3', '"grade":2')]), 1);
  assert.equal(count([lines[1]]), 0);
  assert.equal(count([lines[1], lines[0]]), 0);
  assert.equal(count([lines[0], "no line"]), 1);
  assert.equal(count([lines[0], "null"]), 1);
});

test("a packet opens with a rater's code and gives none away", () => {
  const digest = createHash("sha256").update(`${KEY} 0a1b2c3d`).digest("hex");
  const closed = { key_sha256: KEY, raters: { [digest]: TRIALS, ["f".repeat(64)]: [] } };
  assert.deepEqual(packetOf(closed, "0a1b2c3d"), packet);
  assert.equal(packetOf(closed, digest), null);
  assert.equal(packetOf(closed, "constructor"), null);
});
