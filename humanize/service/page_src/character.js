// Sliders in standard deviations of pianists: what makes one pianist another.

const SLIDERS = [
  ["loudness", "Loudness"], ["spread", "Contrasts"], ["melody", "Melody above the rest"], ["phrasing", "Arcs of phrases"],
  ["lead", "Melody ahead"], ["legato", "Legato"], ["pedal_depth", "Pedal"], ["rubato_depth", "Rubato depth"],
];

export class Character {
  #inputs = new Map();
  onchange = () => {};

  constructor(box) {
    box.append(...SLIDERS.map(([name, title]) => this.#slider(name, title)));
    box.addEventListener("input", () => this.#show());
    box.addEventListener("change", (event) => {
      event.stopPropagation();
      this.onchange();
    });
  }

  #slider(name, title) {
    const label = Object.assign(document.createElement("label"), { className: "slider" });
    const input = Object.assign(document.createElement("input"), { type: "range", id: `character-${name}`, min: -3, max: 3, step: 0.5, value: 0 });
    label.htmlFor = input.id;
    label.append(Object.assign(document.createElement("span"), { textContent: title }), Object.assign(document.createElement("output"), { textContent: "0" }), input);
    this.#inputs.set(name, { input, output: label.querySelector("output") });
    return label;
  }

  #show() {
    for (const { input, output } of this.#inputs.values()) {
      const value = Number(input.value);
      output.textContent = value > 0 ? `+${value}` : String(value).replace("-", "−");
      input.setAttribute("aria-valuetext", `${output.textContent} standard deviations of pianists`);
    }
  }

  clear() {
    for (const { input } of this.#inputs.values()) input.value = "0";
    this.#show();
  }

  /** The options that the sliders ask for: those that are not 0. */
  options() {
    const entries = [...this.#inputs].map(([name, { input }]) => [name, Number(input.value)]);
    return Object.fromEntries(entries.filter(([, value]) => value !== 0));
  }
}
