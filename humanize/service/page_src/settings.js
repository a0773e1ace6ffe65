// What the sliders say: of the whole piece, or of the passage that is marked.

const $ = (id) => document.getElementById(id);
const PLAIN = { strength: 1, contrast: 1, mean: null };
const AMOUNTS = ["rubato", "timing", "articulation"];

export class Settings {
  base = { ...PLAIN };
  passages = []; // { from, to, settings }, later ones over earlier ones
  passage = null; // { from, to } that the sliders act on

  clear() {
    this.base = { ...PLAIN };
    this.passages = [];
    this.passage = null;
    for (const name of AMOUNTS) $(name).value = "100";
    $("pedal").checked = true;
  }

  get plain() {
    return this.passages.length === 0;
  }

  get active() {
    return this.#marked()?.settings ?? this.base;
  }

  #marked() {
    const { from, to } = this.passage ?? {};
    return this.passages.find((p) => p.from === from && p.to === to);
  }

  /** Take over what a slider says. */
  read(id) {
    if (this.passage && !this.#marked()) this.passages.push({ ...this.passage, settings: { ...this.base } });
    const value = Number($(id).value);
    this.active[id] = id === "mean" ? value : value / 100;
  }

  amounts() {
    const own = Object.fromEntries(AMOUNTS.map((name) => [name, Number($(name).value) / 100]));
    return { ...own, pedal: $("pedal").checked };
  }

  /** Show the sliders of the whole or of the passage; `mean` is the model's. */
  show(mean) {
    const { strength, contrast, mean: own } = this.active;
    $("strength").value = String(Math.round(strength * 100));
    $("contrast").value = String(Math.round(contrast * 100));
    $("mean").value = String(Math.round(own ?? mean));
    $("strength-value").textContent = `${Math.round(strength * 100)} %`;
    $("contrast-value").textContent = `× ${contrast.toFixed(2)}`;
    $("mean-value").textContent = own === null ? "the model's" : String(own);
    for (const name of AMOUNTS) $(`${name}-value`).textContent = `${$(name).value} %`;
    for (const id of ["strength", "contrast", "mean", ...AMOUNTS]) {
      $(id).setAttribute("aria-valuetext", $(`${id}-value`).textContent);
    }
    this.#showPassage();
  }

  #showPassage() {
    const { from, to } = this.passage ?? {};
    $("passage-text").textContent = this.passage ? (from === to ? `bar ${from}` : `bars ${from} to ${to}`) : "the whole piece";
    $("passage-clear").disabled = !this.passage;
    if (document.activeElement !== $("passage-from")) $("passage-from").value = from ?? "";
    if (document.activeElement !== $("passage-to")) $("passage-to").value = to ?? "";
  }

  mark(from, to) {
    this.passage = from === null ? null : { from: Math.min(from, to), to: Math.max(from, to) };
  }

  state() {
    const ids = Object.fromEntries(AMOUNTS.map((name) => [name, $(name).value]));
    return { base: this.base, passages: this.passages, passage: this.passage, ids, pedal: $("pedal").checked };
  }

  restore({ base, passages, passage, ids, pedal }) {
    Object.assign(this, { base, passages, passage });
    for (const [name, value] of Object.entries(ids)) $(name).value = value;
    $("pedal").checked = pedal;
  }
}
