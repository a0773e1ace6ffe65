// What can be undone: settings, passages and notes that were set, one state after each change.

export class History {
  #states = [];
  #at = -1;

  reset(state) {
    this.#states = [structuredClone(state)];
    this.#at = 0;
  }

  /** Keep a state, unless it is what was kept last. */
  keep(state) {
    if (JSON.stringify(state) === JSON.stringify(this.#states[this.#at])) return;
    this.#states.splice(this.#at + 1);
    this.#states.push(structuredClone(state));
    if (this.#states.length > 200) this.#states.shift();
    this.#at = this.#states.length - 1;
  }

  get canUndo() {
    return this.#at > 0;
  }

  get canRedo() {
    return this.#at < this.#states.length - 1;
  }

  undo() {
    if (this.canUndo) this.#at--;
    return structuredClone(this.#states[this.#at]);
  }

  redo() {
    if (this.canRedo) this.#at++;
    return structuredClone(this.#states[this.#at]);
  }
}
