// The pages around the trials.
import { fileCard, playerCard } from "./cards.js";
import { h } from "./html.js";
import { Page } from "./page.js";

const go = (text, click, properties = {}) =>
  h("div", { class: "row end" }, h("button", { type: "button", class: "main", click, ...properties }, text));
const list = (...items) => h("ul", {}, ...items.map((item) => h("li", {}, item)));

const ANSWERING_S = 15; // what a rater takes for a trial besides hearing each sound once

/** What the test is, what is stored, and that one may stop: agreed to before anything is. */
export function consentPage(packet, served) {
  const longest = Object.values(packet.raters).reduce((one, other) => (other.length > one.length ? other : one));
  const seconds = longest.reduce((sum, trial) => sum + trial.sounds * packet.seconds + ANSWERING_S, 0);
  const minutes = 5 * Math.ceil(seconds / 300);
  const sounds = packet.form === "pairs" ? "two" : "several";
  const where = served
    ? "Your answers are sent to the server that this page came from, and are kept in this browser too."
    : "Your answers stay in this browser. At the end you download them as a file and send it back yourself.";
  const content = (finish) => [
    h("p", {}, `You will hear music: in each trial ${sounds} versions of the same short passage. After each trial you answer one question about them. There are no right or wrong answers; what counts is what you hear.`),
    list(
      `${longest.length} trials, about ${minutes} minutes in all. You may take breaks, and reload or close the page and come back to it.`,
      "Please use headphones or good loudspeakers, in a quiet room.",
      "Every version has to be heard to its end once; after that you may hear it again as often as you like.",
    ),
    h("h2", {}, "What is stored"),
    h("p", {}, "Your rater code, your answers, how often you heard each version, how long each trial took, and the date and time. Nothing else is stored with them; your name is not asked for. ", where),
    h("p", {}, "Taking part is voluntary. You may stop at any time, without giving a reason, by closing the page."),
    go("I agree and want to begin", finish),
  ];
  return { type: Page, heading: "A listening test", content };
}

/** Asks for the code; `open(text)` returns what is wrong with it, or "" when all is ready. */
export function codePage(open, { asked = "", trouble = "" } = {}) {
  const content = (finish) => {
    const wrong = h("p", { id: "wrong", class: "trouble", role: "alert", hidden: !trouble }, trouble);
    const field = h("input", { id: "code", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "40", value: asked, "aria-describedby": "wrong" });
    const button = h("button", { class: "main" }, trouble ? "Try again" : "Go on");
    const submit = async (event) => {
      event.preventDefault();
      button.disabled = true;
      wrong.textContent = await open(field.value);
      wrong.hidden = wrong.textContent === "";
      button.disabled = false;
      if (wrong.hidden) finish();
    };
    return [h("form", { submit, novalidate: true },
      h("p", {}, "It came with the invitation to this test."),
      h("label", { for: "code" }, "Code"), " ", field, wrong, h("div", { class: "row end" }, button))];
  };
  return { type: Page, heading: "Your rater code", content };
}

/** Plays a sound, so that the volume can be set once for the whole test. */
export function volumePage(file, sounds, { heading, text, must }) {
  let card;
  const content = (finish) => {
    const next = go("Go on", finish).firstChild;
    const said = h("p", { role: "status" });
    const check = () => {
      const left = must && !card?.heard();
      next.disabled = left;
      const why = left ? "Listen to the sound to the end first." : "";
      if (said.textContent !== why) said.textContent = why;
    };
    const options = { letter: "", count: must, onchange: check };
    card = sounds ? playerCard(sounds.get(file), options) : fileCard(file, options);
    check();
    return [...text.map((each) => h("p", {}, each)), card.element, h("div", { class: "row end" }, next, said)];
  };
  return { type: Page, heading, content, close: () => card.close() };
}

export const VOLUME = "Play the sound and set the volume of your computer or phone so that it is comfortable and nothing is lost in the soft notes. Then leave it as it is until the end: do not change it between trials.";

export const doneOf = (done, total) => `Done: ${done} of ${total} trials.`;

/** Between two blocks, or within a long one. */
export function breakPage({ done, total, question, changed }) {
  const content = (finish) => [
    h("p", {}, `${doneOf(done, total)} Take a break; go on when you like.`),
    h("p", {}, changed ? "From here on the question is another one:" : "The question stays the same:"),
    h("p", { class: "question" }, question),
    go("Go on", finish),
  ];
  return { type: Page, heading: "Take a break", content };
}

/** The end: what is still to be sent, the completion code, the file. */
export function thanksPage(answers) {
  const content = () => {
    const state = h("div", { role: "status" });
    const show = () => state.replaceChildren(...(answers.served ? sentOrNot(answers) : []));
    answers.addEventListener("change", show);
    show();
    if (answers.unsent) answers.send().then(() => answers.unsent && answers.send()); // one may have been on its way
    return [
      h("p", {}, `All ${answers.total} trials are done.`),
      state,
      answers.served ? "" : h("p", {}, "Please download your answers and send the file to whoever invited you: it is not sent by itself."),
      h("p", {}, "Your completion code:"),
      h("p", { class: "code" }, answers.completionCode),
      h("div", { class: "row end" },
        h("button", { type: "button", id: "download", class: answers.served ? "" : "main", click: () => answers.download() }, "Download my answers")),
    ];
  };
  return { type: Page, heading: "Thank you", content };
}

function sentOrNot(answers) {
  if (answers.conflict) return []; // the foot of the page says it
  if (!answers.unsent) return [h("p", {}, "Your answers have been sent. You may close this page.")];
  if (answers.sending) return [h("p", {}, "Sending your answers…")];
  const text = `${count(answers.unsent)} not sent yet: the server could not be reached. Please try again; if it still fails, download the answers and send the file to whoever invited you.`;
  return [h("p", { class: "trouble" }, text), h("button", { type: "button", class: "main", click: () => answers.send() }, "Try again")];
}

export const count = (answers) => (answers === 1 ? "1 answer is" : `${answers} answers are`);
