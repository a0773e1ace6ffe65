// A rater's way through the listening test: one packet, one list of trials, one file of answers.
import { initJsPsych } from "jspsych";
import { Answers, AnswersError } from "./answers.js";
import { packetOf } from "./chain.js";
import { h } from "./html.js";
import { VOLUME, breakPage, codePage, consentPage, count, doneOf, thanksPage, volumePage } from "./pages.js";
import { Sounds } from "./sounds.js";
import { ListeningTrial } from "./trial.js";

const LONG_BLOCK = 12; // longer ones have a break half-way
const served = location.protocol !== "file:";
const root = document.querySelector("#page");
const foot = document.querySelector("#foot");

const packet = window.PACKET;

function explain() {
  return packet
    ? `Its packet has version ${packet.version}, and this page reads version 1.`
    : "packet.js is missing or damaged. If you unpacked an archive, unpack all of its files into one folder and open index.html there.";
}

function begin() {
  const sounds = packet.suffix === ".mid" ? null : new Sounds(served);
  sounds?.keep(packet.practice);
  start(sounds, new URLSearchParams(location.search).get("rater") ?? "");
}

async function start(sounds, asked) {
  const timeline = [];
  const open = (code) => openAnswers(code, (answers) => timeline.push(...afterCode(answers, sounds, !asked)));
  if (asked) {
    const trouble = await open(normal(asked));
    if (trouble) timeline.push(codePage((text) => open(normal(text)), { asked, trouble }));
  } else {
    timeline.push(consentPage(packet, served), codePage((text) => open(normal(text))));
  }
  const jsPsych = initJsPsych({ display_element: root, override_safe_mode: true });
  await jsPsych.run(timeline); // it grows while it runs: what follows depends on the code
}

const normal = (code) => code.trim().toLowerCase();

/** Returns what is wrong, in words; "" when the answers are open and `ready` was called. */
async function openAnswers(code, ready) {
  if (!code) return "Please enter your code.";
  const own = packetOf(packet, code);
  if (!own) return `The code “${code}” is not one of this test's codes. Please check it.`;
  const answers = new Answers(own, code, served);
  try {
    await answers.open();
  } catch (error) {
    if (error instanceof AnswersError) return error.message;
    throw error;
  }
  rememberCode(code);
  watch(answers);
  ready(answers);
  return "";
}

/** A reload comes back to this rater. */
function rememberCode(code) {
  try {
    history.replaceState(null, "", `?rater=${code}`);
  } catch {
    // some browsers forbid it for pages from disk: the code is asked for again
  }
}

/** The foot of the page: what the rater must know of the answers, and the way to save them. */
function watch(answers) {
  const state = h("p", { role: "status" });
  const save = h("button", { type: "button", class: "link", click: () => answers.download() }, "Download my answers so far");
  foot.replaceChildren(state, save);
  const show = () => {
    const { length } = answers.lines;
    const text = stateOf(answers);
    if (state.textContent !== text) state.textContent = text;
    state.hidden = !text;
    save.hidden = length === 0 || length === answers.total; // the last page has its own button
  };
  answers.addEventListener("change", show);
  addEventListener("online", () => answers.unsent && answers.send());
  addEventListener("beforeunload", (event) => answers.atRisk && event.preventDefault());
  show();
}

function stateOf(answers) {
  if (answers.conflict) return "Other answers were stored under this code meanwhile, perhaps from another window. Reload this page to go on from there.";
  const more = answers.lines.length < answers.total; // the last page says itself what is not sent
  const waiting = more && answers.unsent && !answers.sending
    ? `${count(answers.unsent)} not sent yet; the page tries again with the next one.` : "";
  const lost = answers.stored || (served && !answers.unsent && answers.lines.length)
    ? "" : "This browser does not let the page keep your answers: a reload would lose them.";
  return [waiting, lost].filter(Boolean).join(" ");
}

/** All that follows once the rater is known. */
function afterCode(answers, sounds, consented) {
  const first = answers.lines.length;
  const trials = answers.packet.raters[answers.code];
  if (first === trials.length) return [thanksPage(answers)];
  const question = packet.questions[trials[first].question];
  const opening = first
    ? [welcomeBack(answers, sounds, question)]
    : [...(consented ? [] : [consentPage(packet, served)]), volume(sounds), practice(sounds, question, trials)];
  const rest = trials.flatMap((_, place) => (place < first ? [] : step(answers, sounds, trials, place, place > first)));
  return [...opening, ...rest, thanksPage(answers)];
}

const volume = (sounds) =>
  volumePage(packet.practice[1], sounds, { heading: "The volume", text: [VOLUME], must: true });

const welcomeBack = (answers, sounds, question) =>
  volumePage(packet.practice[1], sounds, {
    heading: "Welcome back",
    text: [`${doneOf(answers.lines.length, answers.total)} The question of the next one: ${question}`, VOLUME],
    must: false,
  });

const filesOf = (trial) =>
  trial ? Array.from({ length: trial.sounds }, (_, index) => trial.id + String.fromCharCode(97 + index) + packet.suffix) : [];

const practice = (sounds, question, trials) => ({
  type: ListeningTrial,
  heading: "Practice: this one does not count",
  question,
  form: packet.form,
  files: packet.practice,
  sounds,
  next: "Begin the test",
  on_start: () => sounds?.keep([...packet.practice, ...filesOf(trials[0])]),
});

/** A trial, and the break before it where there is one. */
function step(answers, sounds, trials, place, mayBreak) {
  const { question: name } = trials[place];
  const question = packet.questions[name];
  const changed = place > 0 && trials[place - 1].question !== name;
  const trial = {
    type: ListeningTrial,
    heading: `Trial ${place + 1} of ${trials.length}`,
    progress: place / trials.length,
    question,
    form: packet.form,
    files: filesOf(trials[place]),
    sounds,
    on_start: () => sounds?.keep([...filesOf(trials[place]), ...filesOf(trials[place + 1])]),
    on_finish: ({ answer }) => answers.add(answer),
  };
  const rests = mayBreak && (changed || isHalfWay(trials, place));
  return rests ? [breakPage({ done: place, total: trials.length, question, changed }), trial] : [trial];
}

/** Whether a place is the middle of a long run of one question. */
function isHalfWay(trials, place) {
  const same = (index) => trials[index]?.question === trials[place].question;
  let [start, end] = [place, place];
  while (same(start - 1)) start -= 1;
  while (same(end + 1)) end += 1;
  const length = end - start + 1;
  return length > LONG_BLOCK && place === start + Math.ceil(length / 2);
}

if (packet?.version === 1) begin();
else root.replaceChildren(h("h1", {}, "This test cannot be shown"), h("p", {}, explain()));
