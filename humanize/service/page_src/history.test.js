import assert from "node:assert/strict";
import test from "node:test";
import { History } from "./history.js";

test("states are undone and redone in order, and a new one ends the redo", () => {
  const history = new History();
  history.reset({ a: 0 });
  history.keep({ a: 1 });
  history.keep({ a: 1 });
  history.keep({ a: 2 });
  assert.deepEqual([history.undo(), history.undo(), history.canUndo], [{ a: 1 }, { a: 0 }, false]);
  assert.deepEqual(history.redo(), { a: 1 });
  history.keep({ a: 5 });
  assert.equal(history.canRedo, false);
  assert.deepEqual(history.undo(), { a: 1 });
});
