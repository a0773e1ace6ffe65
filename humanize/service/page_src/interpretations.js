// Which interpretations can be heard, getting them from the service, and blending what has come.
import { Character } from "./character.js";
import { blend, interpretationOf } from "./music.js";
import { Palette } from "./palette.js";
import { fetchInterpretation, fetchStyle } from "./service.js";

const $ = (id) => document.getElementById(id);
const SEEDS = [1, 2, 3, 4];
const LONG_NOTES = 20_000; // from here on a whole performance is worked out when asked for

export class Interpretations {
  #state;
  #asked;
  #character = new Character($("character"));
  #palette = new Palette({
    takes: $("takes"), corners: $("corners"), square: $("square"), point: $("point"), across: $("across"), down: $("down"),
  });
  #known = new Map();
  #wanted = new Set();
  #sources = [];
  #styles = [];
  onchange = () => {};
  onerror = () => {};

  /** `asked()` gives the options of the page that an answer depends on. */
  constructor(state, asked) {
    this.#state = state;
    this.#asked = asked;
    this.#palette.onchange = () => this.#take();
    // the service is asked once a slider is let go
    this.#character.onchange = () => {
      this.offer();
      this.#palette.take(Object.keys(this.#character.options()).length ? this.#characterKey() : "model");
    };
  }

  /** Begin with the answer that came with a file, and offer what else there is. */
  load(answer) {
    this.#known = new Map();
    this.#wanted = new Set();
    this.#state.interpretation = interpretationOf(answer);
    this.offer();
  }

  reset() {
    this.#character.clear();
    this.#palette.reset();
  }

  /** Whether what is heard is what the model itself says. */
  get plain() {
    return this.#palette.alone === "model" || !this.#known.size;
  }

  get canPerform() {
    return Boolean(this.#state.interpretation?.[0].performance);
  }

  offer() {
    const { options, music } = this.#state;
    this.#sources = [...this.#ofModel(), ...this.#styles];
    this.#palette.offer(this.#sources);
    $("character-field").hidden = !options?.has("loudness");
    $("style-field").hidden = !options?.has("style");
    document.querySelector("input[value=performed]").disabled = false;
    const ready = music.notes.length <= LONG_NOTES;
    $("timing-text").textContent = ready
      ? "Heard with “Performance” chosen below."
      : "Choose “Performance” below to work it out; with so many notes that takes a while.";
    if (ready) this.fetch("model");
  }

  #ofModel() {
    const chosen = $("model").value;
    const models = [...$("model").options].map((o) => o.value).filter((name) => name !== chosen && !name.startsWith("drums"));
    const seeds = this.#state.options?.has("seed") ? SEEDS : [];
    const own = this.#character.options();
    return [
      { key: "model", label: chosen || "The model", options: {} },
      ...(Object.keys(own).length ? [{ key: this.#characterKey(), label: "In character", options: own, title: "With the sliders of character" }] : []),
      ...seeds.map((seed) => ({ key: `take ${seed}`, label: `Take ${seed}`, options: { seed }, title: "As another pianist might" })),
      ...models.map((name) => ({ key: name, label: name, options: { model: name } })),
    ];
  }

  #characterKey() {
    return `character ${JSON.stringify(this.#character.options())}`;
  }

  /** Ask for an interpretation once; it is heard when it is there. */
  async fetch(key) {
    const [known, wanted, { turn, file }] = [this.#known, this.#wanted, this.#state];
    if (known.has(key) || wanted.has(key)) return;
    wanted.add(key);
    const { options } = this.#sources.find((s) => s.key === key);
    try {
      const answer = await fetchInterpretation(file, { ...this.#asked(), ...options });
      if (known !== this.#known) return; // another file, or other options, since
      known.set(key, interpretationOf(answer));
      this.#take();
    } catch (error) {
      if (turn === this.#state.turn) this.onerror(error);
    } finally {
      wanted.delete(key);
    }
  }

  /** Hear what the palette says, as far as it has come. */
  #take() {
    const wanted = this.#palette.parts();
    for (const { key } of wanted) this.fetch(key);
    const there = wanted.filter(({ key }) => this.#known.has(key));
    $("palette").setAttribute("aria-busy", String(there.length < wanted.length));
    if (!there.length) return;
    this.#state.interpretation = blend(there.map(({ key, weight }) => ({ weight, pieces: this.#known.get(key) })));
    this.onchange();
  }

  /** Offer to play in the style of a performance, and hear it. */
  async addStyle(file) {
    $("style-text").textContent = `Listening to ${file.name} …`;
    try {
      const style = await fetchStyle(file);
      const label = `As ${file.name.replace(/\.[^.]*$/, "")}`;
      const others = this.#styles.filter((s) => s.label !== label);
      this.#styles = [...others, { key: label, label, options: { style }, title: "In the style of this performance" }];
      $("style-text").textContent = "";
      this.offer();
      this.#palette.take(label);
    } catch (error) {
      $("style-text").textContent = error.message.replace(/^upload[^:]*/, file.name);
    }
  }
}
