import { ParameterType } from "jspsych";
import { fileCard, playerCard } from "./cards.js";
import { gradeControl, ratingControl } from "./controls.js";
import { enumerate, h, letterOf } from "./html.js";

/** A jsPsych plugin: some sounds, a question, an answer once all were heard to the end. */
export class ListeningTrial {
  static info = {
    name: "listening-trial",
    version: "1.0.0",
    parameters: {
      heading: { type: ParameterType.STRING },
      progress: { type: ParameterType.FLOAT, default: null }, // from 0 to 1; null: no bar
      question: { type: ParameterType.STRING },
      form: { type: ParameterType.STRING }, // "pairs" or "multi"
      files: { type: ParameterType.STRING, array: true },
      sounds: { type: ParameterType.OBJECT }, // a Sounds; null: files to be played elsewhere
      next: { type: ParameterType.STRING, default: "Next" },
    },
    data: { answer: { type: ParameterType.OBJECT } },
  };

  constructor(jsPsych) {
    this.jsPsych = jsPsych;
  }

  trial(root, trial) {
    const view = show(root, trial, (answer) => {
      document.removeEventListener("keydown", onkey);
      this.jsPsych.finishTrial({ answer });
    });
    const onkey = (event) => press(event, view);
    document.addEventListener("keydown", onkey);
  }
}

function show(root, trial, finish) {
  const start = performance.now();
  const letters = trial.files.map((_, index) => letterOf(index));
  const why = h("p", { id: "why", role: "status" });
  const said = h("p", { class: "unseen", role: "status" });
  const next = h("button", { type: "button", class: "main", "aria-describedby": "why", click: send }, trial.next);
  const control = trial.form === "pairs" ? gradeControl(update) : ratingControl(letters, update);
  const cards = trial.files.map((file, index) => {
    const options = { letter: letters[index], onchange: (text) => ((said.textContent = text), update()) };
    return trial.sounds ? playerCard(trial.sounds.get(file), options) : fileCard(file, options);
  });

  function missing() {
    const left = letters.filter((_, index) => !cards[index].heard());
    return left.length ? `Listen to ${enumerate(left)} to the end first.` : control.missing();
  }
  function update() {
    const text = missing();
    if (text !== why.textContent) why.textContent = text; // else it would be read out again
    next.disabled = text !== "";
  }
  function send() {
    for (const card of cards) card.close();
    const heard = cards.map((card) => card.heard());
    finish({ ...control.answer(), heard, seconds: (performance.now() - start) / 1000 });
  }

  const heading = h("h1", { tabindex: "-1" }, trial.heading);
  for (const [index, slider] of (control.sliders ?? []).entries()) cards[index].element.append(slider);
  root.replaceChildren(
    heading,
    trial.progress === null ? "" : h("progress", { value: trial.progress, max: 1, "aria-label": "Progress" }),
    h("p", { class: "question" }, trial.question),
    h("div", { class: `cards ${trial.form}` }, ...cards.map((card) => card.element)),
    control.element ?? "",
    h("div", { class: "row end" }, next, why),
    keysOf(letters, trial), said,
  );
  update();
  heading.focus();
  return { cards, control };
}

function keysOf(letters, { form, sounds }) {
  const keys = letters.map((letter) => h("kbd", {}, letter.toLowerCase()));
  const parts = [...keys.flatMap((key) => [key, " "]), sounds ? "play or pause" : "save the file"];
  if (form === "pairs") parts.push(" · ", h("kbd", {}, "1"), " to ", h("kbd", {}, "7"), " choose the answer");
  parts.push(" · ", h("kbd", {}, "Tab"), " ", h("kbd", {}, "Space"), " everything else");
  return h("p", { class: "keys" }, "Keys: ", ...parts);
}

function press(event, { cards, control }) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const index = event.key.length === 1 ? event.key.toLowerCase().charCodeAt(0) - 97 : -1;
  if (index in cards) cards[index].toggle();
  if (/^[1-7]$/.test(event.key)) control.press(Number(event.key));
}
