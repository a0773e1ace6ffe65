// Interpretations side by side: a list to take one with a click, and a square that blends four.
import { cornerWeights } from "./playing.js";

const CORNERS = ["top left", "top right", "bottom left", "bottom right"];

export class Palette {
  #sources = [];
  #corners = [];
  #at = { x: 0, y: 0 };
  #elements;
  onchange = () => {};

  /** `elements`: takes, corners, square, point, field, across and down. */
  constructor(elements) {
    this.#elements = elements;
    const { square, across, down } = elements;
    square.addEventListener("pointerdown", (event) => {
      square.setPointerCapture(event.pointerId);
      this.#drag(event);
    });
    square.addEventListener("pointermove", (event) => event.buttons && this.#drag(event));
    for (const slider of [across, down]) {
      slider.addEventListener("input", () => this.#move(across.value / 100, down.value / 100));
    }
  }

  /** Offer interpretations, each with `key` and `label`; the first is heard. */
  offer(sources) {
    const keys = sources.map((s) => s.key);
    this.#sources = sources;
    this.#corners = [0, 1, 2, 3].map((k) => (keys.includes(this.#corners[k]) ? this.#corners[k] : keys[Math.min(k, keys.length - 1)]));
    this.#listTakes();
    this.#listCorners();
    this.#show();
  }

  reset() {
    this.#at = { x: 0, y: 0 };
    this.#corners = [];
  }

  /** Keys and weights of what is heard. */
  parts() {
    const weights = cornerWeights(this.#at.x, this.#at.y);
    const byKey = new Map();
    this.#corners.forEach((key, k) => byKey.set(key, (byKey.get(key) ?? 0) + weights[k]));
    return [...byKey].filter(([, weight]) => weight > 0.001).map(([key, weight]) => ({ key, weight }));
  }

  /** The only one that is heard, if it is one. */
  get alone() {
    const parts = this.parts();
    return parts.length === 1 ? parts[0].key : null;
  }

  take(key) {
    const corner = this.#corners.indexOf(key);
    const k = corner < 0 ? 0 : corner;
    this.#corners[k] = key;
    this.#listCorners();
    this.#move(k % 2, k >> 1);
  }

  #drag(event) {
    const box = this.#elements.square.getBoundingClientRect();
    const share = (value) => Math.min(1, Math.max(0, value));
    this.#move(share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height));
  }

  #move(x, y) {
    this.#at = { x, y };
    this.#show();
    this.onchange();
  }

  #show() {
    const { point, across, down, takes } = this.#elements;
    point.style.left = `${this.#at.x * 100}%`;
    point.style.top = `${this.#at.y * 100}%`;
    across.value = String(Math.round(this.#at.x * 100));
    down.value = String(Math.round(this.#at.y * 100));
    const weights = new Map(this.parts().map(({ key, weight }) => [key, weight]));
    for (const button of takes.querySelectorAll("button")) {
      const weight = weights.get(button.value) ?? 0;
      button.setAttribute("aria-pressed", String(weight > 0.999));
      button.style.setProperty("--share", `${Math.round(weight * 100)}%`);
    }
  }

  #listTakes() {
    const buttons = this.#sources.map(({ key, label, title }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", value: key, textContent: label, title: title ?? "" });
      button.addEventListener("click", () => this.take(key));
      return button;
    });
    this.#elements.takes.replaceChildren(...buttons);
  }

  #listCorners() {
    const selects = CORNERS.map((name, k) => {
      const select = document.createElement("select");
      select.ariaLabel = `Corner ${name}`;
      select.append(...this.#sources.map(({ key, label }) => new Option(label, key, false, key === this.#corners[k])));
      select.addEventListener("change", () => {
        this.#corners[k] = select.value;
        this.#show();
        this.onchange();
      });
      return select;
    });
    this.#elements.corners.replaceChildren(...selects);
  }
}
