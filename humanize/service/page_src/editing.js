// Single notes set by hand, passages marked, and all of it undone again.
import { History } from "./history.js";
import { pitchName } from "./music.js";

const $ = (id) => document.getElementById(id);
const DRAG_PIXELS = 4; // from here on a press is a drag

export class Editing {
  #state;
  #view;
  #settings;
  #parts;
  #refresh;
  #history = new History();
  edits = []; // [note, velocity]

  constructor(state, view, settings, parts, refresh) {
    this.#state = state;
    this.#view = view;
    this.#settings = settings;
    this.#parts = parts;
    this.#refresh = refresh;
    this.#wireRoll();
    this.#wireInspector();
    this.#wirePassage();
  }

  /** Begin with a new file. */
  reset() {
    this.edits = [];
    this.#history.reset(this.#current());
    this.#refresh();
  }

  /** Give up what was set by hand, in a way that can be undone. */
  forget() {
    this.edits = [];
    this.#state.selected = -1;
    this.keep();
  }

  keep() {
    this.#history.keep(this.#current());
    this.#showHistory();
  }

  undo(again = false) {
    const { edits, settings, parts } = again ? this.#history.redo() : this.#history.undo();
    this.edits = edits;
    this.#settings.restore(settings);
    this.#parts.restore(parts);
    this.#refresh();
    this.#showHistory();
  }

  select(i) {
    this.#state.selected = i;
    this.show();
    this.#view.draw();
  }

  set(i, velocity) {
    this.edits = [...this.edits.filter(([note]) => note !== i), [i, Math.min(127, Math.max(1, Math.round(velocity)))]];
    this.#refresh();
  }

  /** Say what the chosen note is, and what its velocity was and is. */
  show() {
    const { music, selected, after } = this.#state;
    const note = music?.notes[selected];
    $("note-field").hidden = !note;
    this.#showHistory();
    if (!note) {
      $("note-name").textContent = "Click a note to see its velocity; drag it up or down to change it.";
      return;
    }
    const name = note.drum ? `drum ${note.pitch}` : pitchName(note.pitch);
    $("note-name").textContent = `${name}, bar ${note.measure}: ${music.before[selected]} → ${after[selected]}`;
    $("note-velocity").value = String(after[selected]);
    $("note-velocity").setAttribute("aria-valuetext", `${name}: ${after[selected]}`);
  }

  #current() {
    return { edits: this.edits, settings: this.#settings.state(), parts: this.#parts.state() };
  }

  #showHistory() {
    $("undo").disabled = !this.#history.canUndo;
    $("redo").disabled = !this.#history.canRedo;
  }

  #wireRoll() {
    const roll = $("roll");
    let press = null;
    roll.addEventListener("pointerdown", (event) => {
      if (!this.#state.music || event.button) return;
      roll.setPointerCapture(event.pointerId);
      const second = this.#view.secondAt(event);
      const note = this.#view.noteAt(event);
      press = { note, second, y: event.clientY, x: event.clientX, ruler: this.#view.inRuler(event), moved: false };
      if (note >= 0) {
        press.from = this.#state.heardVelocities()[note];
        this.select(note);
      }
    });
    roll.addEventListener("pointermove", (event) => {
      if (!press) return;
      press.moved ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAG_PIXELS;
      if (!press.moved) return;
      if (press.ruler) this.#mark(press.second, this.#view.secondAt(event));
      else if (press.note >= 0) this.set(press.note, press.from + (press.y - event.clientY) / 2);
    });
    roll.addEventListener("pointerup", () => {
      if (press && !press.moved && press.note < 0) this.#seek(press.second);
      else if (press?.moved) this.keep();
      press = null;
    });
    $("curve").addEventListener("click", (event) => this.#seek(this.#view.secondAt(event)));
    $("tempo").addEventListener("click", (event) => this.#seek(this.#view.secondAt(event)));
  }

  #seek(second) {
    this.#state.player.seek(this.#state.version.played(second));
    this.#view.draw();
  }

  #mark(one, other) {
    this.#settings.mark(this.#view.measureAt(one), this.#view.measureAt(other));
    this.#refresh();
  }

  #wireInspector() {
    $("note-velocity").addEventListener("input", () => this.set(this.#state.selected, Number($("note-velocity").value)));
    $("note-velocity").addEventListener("change", () => this.keep());
    const step = (by) => {
      const { music, selected } = this.#state;
      const at = selected < 0 ? (by > 0 ? -1 : music.order.length) : music.order.indexOf(selected);
      const next = music.order[Math.min(Math.max(at + by, 0), music.order.length - 1)];
      this.select(next);
      this.#view.show(music.notes[next].start);
    };
    $("note-on").addEventListener("click", () => step(1));
    $("note-back").addEventListener("click", () => step(-1));
    $("undo").addEventListener("click", () => this.undo());
    $("redo").addEventListener("click", () => this.undo(true));
  }

  /** In the score: a click chooses a note, with Shift the passage to it. */
  pick(i, extend) {
    const { music, selected } = this.#state;
    if (extend && selected >= 0) {
      this.#settings.mark(music.notes[selected].measure, music.notes[i].measure);
      this.#refresh();
      this.keep();
      return;
    }
    this.select(i);
    this.#view.show(music.notes[i].start);
  }

  #wirePassage() {
    for (const id of ["passage-from", "passage-to"]) {
      $(id).addEventListener("change", () => {
        const [from, to] = ["passage-from", "passage-to"].map((name) => Number($(name).value) || null);
        if ((from === null) !== (to === null)) return; // the other one is still to come
        this.#settings.mark(from, to);
        this.#refresh();
        this.keep();
      });
    }
    $("passage-clear").addEventListener("click", () => {
      this.#settings.mark(null);
      this.#refresh();
      this.keep();
    });
  }
}
