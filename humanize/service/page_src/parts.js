// The tracks of the music: whether they change and how much, whether they are heard.
import { soundName } from "./instruments.js";
import { bandsOf } from "./roll.js";

export class Parts {
  #list;
  #rows = new Map();
  onchange = () => {};

  constructor(list) {
    this.#list = list;
    list.addEventListener("input", () => this.onchange(false));
    list.addEventListener("change", () => this.onchange(true));
  }

  load(music) {
    this.#rows.clear();
    const first = new Map();
    for (const note of music.notes) if (!first.has(note.track)) first.set(note.track, note);
    const bands = bandsOf(music);
    for (const track of music.tracks) {
      const note = first.get(track.number);
      this.#rows.set(track.number, row(track, note, bands.get(note.instrument).colour));
    }
    this.#list.replaceChildren(...[...this.#rows.values()].map((r) => r.item));
  }

  get count() {
    return this.#rows.size;
  }

  changes = (note) => this.#rows.get(note.track).chosen.checked;

  amount = (note) => Number(this.#rows.get(note.track).amount.value) / 100;

  /** What `changes` and `amount` say, read from the page once for many notes. */
  read() {
    const rows = new Map([...this.#rows].map(([number, r]) => [number, [r.chosen.checked, Number(r.amount.value) / 100]]));
    return { changes: (note) => rows.get(note.track)[0], amount: (note) => rows.get(note.track)[1] };
  }

  heard = (note) => {
    const own = this.#rows.get(note.track);
    if (own.mute.checked) return false;
    return own.solo.checked || ![...this.#rows.values()].some((r) => r.solo.checked);
  };

  /** Numbers of the tracks that change, or null for all that can. */
  chosen() {
    const free = [...this.#rows].filter(([, r]) => !r.chosen.disabled);
    if (free.every(([, r]) => r.chosen.checked)) return null;
    return free.filter(([, r]) => r.chosen.checked).map(([number]) => number);
  }

  /** Whether some track has an amount of its own. */
  get uneven() {
    return [...this.#rows.values()].some((r) => r.amount.value !== "100");
  }

  state() {
    return [...this.#rows].map(([number, r]) => [number, r.chosen.checked, r.amount.value]);
  }

  restore(state) {
    for (const [number, chosen, amount] of state) {
      const own = this.#rows.get(number);
      own.chosen.checked = chosen;
      own.amount.value = amount;
    }
  }
}

function row({ number, name, notes, changes }, note, colour) {
  const title = name || `Track ${number}`;
  const item = document.createElement("li");
  item.style.setProperty("--lane", colour);
  const chosen = box("checkbox", `Change ${title}`, { value: number, checked: changes, disabled: !changes });
  const mute = box("checkbox", `Mute ${title}`);
  const solo = box("checkbox", `Solo ${title}`);
  const amount = box("range", `Amount of ${title}`, { min: 0, max: 100, value: 100, disabled: !changes });
  const label = document.createElement("label");
  const sound = note.drum ? "drums" : soundName(note.program);
  label.append(chosen, ` ${title} `, small(`${notes.toLocaleString("en")} notes, ${sound}${changes ? "" : ", left alone"}`));
  const tools = document.createElement("span");
  tools.className = "tools";
  tools.append(toggle(mute, "M", "Mute"), toggle(solo, "S", "Solo"), amount);
  item.append(label, tools);
  return { item, chosen, mute, solo, amount };
}

function box(type, name, more = {}) {
  return Object.assign(document.createElement("input"), { type, ariaLabel: name, ...more });
}

function toggle(input, letter, title) {
  const label = Object.assign(document.createElement("label"), { className: "toggle", title });
  label.append(input, Object.assign(document.createElement("span"), { textContent: letter, ariaHidden: "true" }));
  return label;
}

function small(text) {
  return Object.assign(document.createElement("small"), { textContent: text });
}
