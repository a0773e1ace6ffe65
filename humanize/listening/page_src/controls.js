// What the rater answers with.
import { enumerate, h } from "./html.js";

const GRADES = ["A clearly", "A moderately", "A slightly", "No difference", "B slightly", "B moderately", "B clearly"];

/** Seven steps from A to B. `missing` says what is not answered yet. */
export function gradeControl(onchange) {
  const boxes = GRADES.map((_, index) =>
    h("input", { type: "radio", name: "grade", value: String(index - 3), change: onchange }));
  const labels = boxes.map((box, index) =>
    h("label", {}, box, h("span", {}, GRADES[index]), h("kbd", { "aria-hidden": "true" }, String(index + 1))));
  const element = h("fieldset", { class: "grades" }, h("legend", {}, "Your answer"), ...labels);
  const chosen = () => boxes.find((box) => box.checked);
  return {
    element,
    missing: () => (chosen() ? "" : "Choose an answer."),
    answer: () => ({ grade: Number(chosen().value) }),
    press(digit) {
      const box = boxes[digit - 1];
      box?.focus();
      box?.click();
    },
  };
}

/** A slider from 0 to 100 for each sound, to be put into its card. */
export function ratingControl(letters, onchange) {
  const given = new Set();
  const sliders = letters.map((letter) => slider(letter, () => (given.add(letter), onchange())));
  return {
    sliders: sliders.map((each) => each.element),
    missing() {
      const left = letters.filter((letter) => !given.has(letter));
      return left.length ? `Set the slider of ${enumerate(left)}.` : "";
    },
    answer: () => ({ grade: null, ratings: sliders.map((each) => Number(each.input.value)) }),
    press() {},
  };
}

function slider(letter, ontouch) {
  const shown = h("output", {}, "not set");
  function touch() {
    input.classList.remove("unset");
    input.removeAttribute("aria-valuetext");
    shown.textContent = input.value;
    ontouch();
  }
  const input = h("input", {
    type: "range", min: "0", max: "100", value: "50", class: "unset", "aria-label": `Rating of ${letter}`,
    "aria-valuetext": "not set", input: touch, change: touch,
    click: touch, // leaving it in the middle is an answer too: a click or the space bar says so
    keydown: (event) => event.key === " " && (event.preventDefault(), touch()),
  });
  const ends = h("span", { class: "ends", "aria-hidden": "true" }, h("span", {}, "0 not at all"), h("span", {}, "very much 100"));
  return { element: h("div", { class: "slider" }, h("span", { class: "value" }, "Rating: ", shown), input, ends), input };
}
