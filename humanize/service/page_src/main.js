// What the page is made of, and what its buttons and fields do.
import { Editing } from "./editing.js";
import { Interpretations } from "./interpretations.js";
import { Listening } from "./listening.js";
import { complain, say } from "./messages.js";
import { Opening } from "./opening.js";
import { Parts } from "./parts.js";
import { Player } from "./player.js";
import { save } from "./saving.js";
import { Score } from "./score.js";
import { fetchModels, fetchOptions, setToken } from "./service.js";
import { Settings } from "./settings.js";
import { COLOURS } from "./shaping.js";
import { Showing } from "./showing.js";
import { wireTabs } from "./tabs.js";
import { View } from "./view.js";

const $ = (id) => document.getElementById(id);
const picked = (name) => document.querySelector(`input[name=${name}]:checked`).value;
const FIRST_EXAMPLE = "waltz.musicxml";
const EXAMPLES = [
  ["waltz.musicxml", "A waltz, a score with dynamics"],
  ["waltz.mid", "The waltz as flat MIDI"],
  ["bach_prelude.mid", "Bach, Prelude in C"],
  ["fugue.mid", "Bach, Fugue in C minor"],
  ["rock_beat.mid", "A rock beat"],
];

const settings = new Settings();
const player = new Player();
const parts = new Parts($("track-list"));
const score = new Score($("score"), $("cursor"));
const state = {
  file: null, name: "", music: null, after: null, version: null, interpretation: null, selected: -1, turn: 0,
  refused: null, heardAs: "after", player,
  heard: () => state.heardAs,
  heardVelocities: () => (state.heardAs === "before" ? state.music.before : state.after),
  lively: (note) => parts.changes(note) && parts.heard(note),
  get passage() {
    return settings.passage;
  },
};
const asked = () => ({ dynamics: picked("dynamics"), model: $("model").value || null });
const view = new View(state, score);
const editing = new Editing(state, view, settings, parts, () => refresh());
const interpretations = new Interpretations(state, asked);
const page = { state, player, parts, score, view, settings, editing, interpretations };
const showing = (page.showing = new Showing(page));
const listening = (page.listening = new Listening(page));
const opening = new Opening(page, asked);
score.onpick = (i, extend) => editing.pick(i, extend);
interpretations.onchange = () => refresh();
interpretations.onerror = (error) => complain(error);

function refresh() {
  listening.retime();
  showing.reshape();
}

async function download(asMidi) {
  const performed = state.heardAs === "performed";
  const plain = settings.plain && !editing.edits.length && !parts.uneven && interpretations.plain;
  say("Writing the file …");
  try {
    say(`Saved ${await save(state, settings, parts, { plain, asked: asked(), performed, asMidi })}.`);
  } catch (error) {
    say("");
    complain(error);
  }
}

function wireFiles() {
  $("file").addEventListener("change", () => {
    const [file] = $("file").files;
    if (file) opening.open(file, file.name);
    $("file").value = "";
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      document.body.classList.toggle("over", name === "dragover");
      const file = name === "drop" && event.dataTransfer?.files[0];
      if (file) opening.open(file, file.name);
    });
  }
  $("style").addEventListener("change", () => {
    const [file] = $("style").files;
    if (file) interpretations.addStyle(file);
    $("style").value = "";
  });
  $("style-field").addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    document.body.classList.remove("over");
    if (event.dataTransfer?.files[0]) interpretations.addStyle(event.dataTransfer.files[0]);
  });
  $("examples").append(...EXAMPLES.map(([path, title]) => new Option(title, path)));
  $("examples").addEventListener("change", () => {
    if ($("examples").value) opening.example($("examples").value);
    $("examples").value = "";
  });
}

const ANEW = ["dynamics", "model"];
const SHAPING = ["strength", "contrast", "mean"];
const TIMING = ["rubato", "timing", "articulation", "pedal"];

function wireControls() {
  $("controls").addEventListener("input", ({ target }) => {
    if (ANEW.includes(target.name) || ANEW.includes(target.id)) opening.anew();
    else if (SHAPING.includes(target.id)) settings.read(target.id);
    if (TIMING.includes(target.id)) refresh();
    else if (SHAPING.includes(target.id)) showing.reshape();
  });
  $("controls").addEventListener("change", ({ target }) => {
    if ([...SHAPING, ...TIMING].includes(target.id)) editing.keep();
  });
  $("controls").addEventListener("reset", (event) => {
    event.preventDefault();
    const before = JSON.stringify(asked());
    document.querySelector("input[name=dynamics][value=auto]").checked = true;
    $("model").selectedIndex = [...$("model").options].findIndex((o) => o.defaultSelected);
    settings.clear();
    interpretations.reset();
    interpretations.offer();
    editing.forget();
    parts.load(state.music);
    if (JSON.stringify(asked()) === before) refresh();
    else opening.anew();
  });
  $("controls").addEventListener("submit", (event) => event.preventDefault());
  parts.onchange = (done) => {
    showing.reshape();
    if (done) editing.keep();
  };
  $("download").addEventListener("click", () => download(false));
  $("download-midi").addEventListener("click", () => download(true));
  $("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    setToken($("token").value);
    $("token-form").hidden = true;
    complain(null);
    start();
  });
}

/** Ask for models and options, and then for a file: the one that was refused, or an example. */
async function start() {
  if (!(await listModels())) return;
  const refused = state.refused;
  state.refused = null;
  state.options = await fetchOptions().catch(() => new Set());
  if (state.turn && !refused) return; // a file was opened meanwhile
  if (refused) opening.open(...refused);
  else opening.example(FIRST_EXAMPLE);
}

async function listModels() {
  try {
    const { models, default: chosen } = await fetchModels();
    const options = models.map(({ name }) => new Option(name, name, name === chosen, name === chosen));
    $("model").replaceChildren(...options);
    $("model-field").hidden = options.length < 2;
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

function paintRamp() {
  const stops = [1, 20, 40, 60, 80, 100, 127].map((v) => COLOURS[v]);
  $("ramp").style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
}

wireFiles();
wireControls();
wireTabs($("controls"));
paintRamp();
start();
let resizing = 0;
new ResizeObserver(() => {
  view.draw();
  clearTimeout(resizing);
  resizing = setTimeout(() => score.resize(), 300);
}).observe($("work"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => view.draw());
