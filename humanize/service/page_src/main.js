// What happens when: files in, pictures and sound, settings, file out.
import { Editing } from "./editing.js";
import { Interpretations } from "./interpretations.js";
import { performedVersion, readMusic, shaped, summary, writtenVersion } from "./music.js";
import { Parts } from "./parts.js";
import { Player } from "./player.js";
import { save } from "./saving.js";
import { Score } from "./score.js";
import { fetchModels, fetchOptions, fetchStatic, fetchVelocities, setToken } from "./service.js";
import { Settings } from "./settings.js";
import { COLOURS } from "./shaping.js";
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
const LONG_BYTES = 150_000; // of MIDI, more than ten thousand notes

const settings = new Settings();
const player = new Player();
const parts = new Parts($("track-list"));
const score = new Score($("score"), $("cursor"));
const state = {
  file: null, name: "", music: null, after: null, version: null, interpretation: null, selected: -1, turn: 0,
  asking: "", refused: null, heardAs: "after", player,
  heard: () => state.heardAs,
  heardVelocities: () => (state.heardAs === "before" ? state.music.before : state.after),
  lively: (note) => parts.changes(note) && parts.heard(note),
  get passage() {
    return settings.passage;
  },
};
const view = new View(state, score);
const editing = new Editing(state, view, settings, parts, () => refresh());

function say(text) {
  $("status").textContent = text;
  $("status").title = text;
}

function complain(error) {
  $("message").textContent = plain(error?.message ?? "");
  $("message").hidden = !error;
  if (error?.status === 401) {
    $("token-form").hidden = false;
    $("token").focus();
  }
}

/** The service's words with the file's own name, and without what only a command line has. */
function plain(text) {
  return text
    .replace(/^upload(\.\w+)?(?=:)/, () => state.asking || "the file")
    .replace(/\s*\((see )?--[^)]*\)|; --.*$/g, "");
}

function sentence(text) {
  const words = plain(text);
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

const interpretations = new Interpretations(state, () => asked());
score.onpick = (i, extend) => editing.pick(i, extend);
interpretations.onchange = () => refresh();
interpretations.onerror = (error) => complain(error);

const asked = () => ({ dynamics: picked("dynamics"), model: $("model").value || null });

// ---- loading -------------------------------------------------------------------------------

async function open(file, name) {
  player.pause();
  showPlay();
  complain(null);
  showReading(name, file.size);
  await listen(file, name, true);
}

/** The old file goes, and what is awaited is said. */
function showReading(name, size) {
  state.music = null;
  score.clear();
  for (const id of ["work", "controls", "transport"]) $(id).hidden = true;
  $("reading").hidden = false;
  const long = size > LONG_BYTES ? ` It is long (${Math.round(size / 1000).toLocaleString("en")} kB): this may take half a minute.` : "";
  $("reading-text").textContent = `Reading ${name} …${long}`;
  $("title").textContent = "";
  say(`Reading ${name} …`);
}

async function listen(file, name, fresh) {
  const turn = ++state.turn;
  state.asking = name;
  if (!fresh) say("Listening anew …");
  try {
    const [answer, bytes] = await Promise.all([fetchVelocities(file, asked()), file.arrayBuffer()]);
    if (turn === state.turn) show(answer, bytes, file, name, fresh);
  } catch (error) {
    if (turn !== state.turn) return;
    state.refused = error.status === 401 ? [file, name] : null;
    $("reading").hidden = true;
    say("");
    complain(error);
  }
}

function show(answer, bytes, file, name, fresh) {
  complain(null);
  const music = readMusic(answer, bytes);
  Object.assign(state, { file, name, music, selected: fresh ? -1 : state.selected });
  $("reading").hidden = true;
  for (const id of ["work", "controls", "transport"]) $(id).hidden = false;
  $("title").textContent = name;
  $("download-midi").hidden = !music.isScore;
  sayWhatItIs();
  state.version = writtenVersion(music);
  player.load(music, state.version);
  player.velocityOf = (i) => (parts.heard(state.music.notes[i]) ? state.heardVelocities()[i] : 0);
  if (fresh) settle(music, bytes, name);
  interpretations.load(answer);
  view.retime();
  reshape();
  if (fresh) editing.reset();
}

/** What a new file starts with: settings of its own, its tracks, its score. */
function settle(music, bytes, name) {
  settings.clear();
  interpretations.reset();
  hear("after");
  parts.load(music);
  $("parts-text").textContent = parts.count > 1 ? "What changes, and how much; M mutes, S plays alone." : "One part alone.";
  $("seek").max = String(music.length);
  $("passage-from").max = $("passage-to").max = String(music.measures.at(-1)?.[0] ?? 1);
  $("engraved").hidden = true;
  engrave(music, bytes, name);
  view.load(music);
}

async function engrave(music, bytes, name) {
  if (!music.isScore) return;
  $("engraved").hidden = false;
  $("pages").hidden = true;
  try {
    const shown = await score.load(music, bytes, name);
    if (state.music === music) $("engraved").hidden = !shown;
  } catch {
    if (state.music === music) $("engraved").hidden = true; // the roll shows it all the same
  }
  view.draw();
}

function sayWhatItIs() {
  const { notes, answer } = state.music;
  const count = `${notes.length.toLocaleString("en")} notes, model ${answer.model}.`;
  say([count, ...pieces(answer), ...answer.messages.map(sentence)].join(" "));
}

function pieces(answer) {
  const count = answer.pieces.length;
  if (count < 2) return [];
  return [`This MIDI file of type 2 holds ${count} pieces; here they follow one another, and sound without pedal.`];
}

// ---- pictures and sound --------------------------------------------------------------------

/** The version that is heard, from where the music is now. */
function retime() {
  const performed = state.heardAs === "performed" && interpretations.canPerform;
  state.version = performed ? performedVersion(state.music, state.interpretation, settings.amounts()) : writtenVersion(state.music);
  player.change(state.version);
  view.retime();
}

function hear(which) {
  state.heardAs = which;
  document.querySelector(`input[name=heard][value=${which}]`).checked = true;
}

function choose(which) {
  hear(which);
  if (which === "performed" && !interpretations.canPerform) {
    say("Working out tempo, timing and pedal …");
    interpretations.fetch("model").then(sayWhatItIs);
  }
  retime();
  reshape();
}

/** Velocities by the settings; everything that shows them. */
function reshape() {
  const { music, interpretation } = state;
  if (!music) return;
  const edits = new Map(editing.edits);
  const { base, passages } = settings;
  state.after = shaped(music, interpretation, { settings: base, passages, edits, changes: parts.changes, amount: parts.amount });
  settings.show(summary(shaped(music, interpretation, { settings: { ...base, strength: 1, contrast: 1, mean: null }, changes: parts.changes, amount: () => 1 })).mean);
  const none = parts.chosen()?.length === 0;
  $("download").disabled = $("download-midi").disabled = none;
  complain(none ? new Error("No track is chosen; choose at least one to change something.") : null);
  $("download").textContent = state.heardAs === "performed" ? "Download performance" : "Download";
  $("download-midi").hidden = !music.isScore || state.heardAs === "performed";
  describe("before", music.before);
  describe("after", state.after);
  editing.show();
  view.draw();
}

function refresh() {
  retime();
  reshape();
}

function describe(which, velocities) {
  const { mean, low, high } = summary(velocities);
  const text = low === high ? `all ${low}` : `${low} to ${high}, mean ${mean.toFixed(0)}`;
  $(`${which}-summary`).textContent = text;
  if (which === (state.heardAs === "before" ? "before" : "after")) {
    $("roll").setAttribute("aria-label", `Piano roll ${which}: velocities ${text}`);
  }
}

function showPlay() {
  $("play").textContent = player.playing ? "❚❚ Pause" : "▶ Play";
}

async function toggle() {
  if (!state.music) return;
  if (player.playing) {
    player.pause();
    showPlay();
    view.draw();
    return;
  }
  const started = player.play();
  showPlay();
  try {
    await started;
    step();
  } catch (error) {
    complain(error);
  }
  showPlay();
}

function step() {
  if (!player.playing || !state.music) return;
  view.follow();
  requestAnimationFrame(step);
}

player.onend = () => {
  showPlay();
  view.draw();
};

// ---- wiring --------------------------------------------------------------------------------

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

async function openExample(path) {
  const { turn } = state;
  try {
    const content = await fetchStatic(`static/examples/${path}`);
    if (turn === state.turn) await open(new Blob([content]), path); // else a file was opened meanwhile
  } catch (error) {
    complain(error);
  }
}

function wireFiles() {
  $("file").addEventListener("change", () => {
    const [file] = $("file").files;
    if (file) open(file, file.name);
    $("file").value = "";
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      document.body.classList.toggle("over", name === "dragover");
      const file = name === "drop" && event.dataTransfer?.files[0];
      if (file) open(file, file.name);
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
    if ($("examples").value) openExample($("examples").value);
    $("examples").value = "";
  });
}

const ANEW = ["dynamics", "model"];
const SHAPING = ["strength", "contrast", "mean"];
const TIMING = ["rubato", "timing", "articulation", "pedal"];

function wireControls() {
  $("controls").addEventListener("input", ({ target }) => {
    if (ANEW.includes(target.name) || ANEW.includes(target.id)) listen(state.file, state.name, false);
    else if (SHAPING.includes(target.id)) settings.read(target.id);
    if (TIMING.includes(target.id)) refresh();
    else if (SHAPING.includes(target.id)) reshape();
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
    else listen(state.file, state.name, false);
  });
  $("controls").addEventListener("submit", (event) => event.preventDefault());
  parts.onchange = (done) => {
    reshape();
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

function wirePlaying() {
  $("play").addEventListener("click", toggle);
  for (const radio of document.querySelectorAll("input[name=heard]")) {
    radio.addEventListener("change", () => choose(radio.value));
  }
  $("seek").addEventListener("input", () => {
    const spot = Number($("seek").value);
    player.seek(state.version.played(spot));
    view.show(spot);
    view.draw();
  });
  const zoom = (factor) => view.move(view.from, view.span * factor);
  $("zoom-in").addEventListener("click", () => zoom(0.5));
  $("zoom-out").addEventListener("click", () => zoom(2));
  $("zoom-all").addEventListener("click", () => view.move(0, state.music.length));
  $("page-back").addEventListener("click", () => score.turn(-1));
  $("page-on").addEventListener("click", () => score.turn(1));
  score.onpage = (page, pages) => {
    $("page-number").textContent = `${page} / ${pages}`;
    $("pages").hidden = pages < 2;
    view.followAgain();
  };
  document.addEventListener("keydown", keys);
}

function keys(event) {
  if (!state.music) return;
  const typing = event.target.matches("input[type=password], input[type=number], select");
  const pressing = event.target.matches("button, a, input[type=file], input[type=checkbox], input[type=radio]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
    event.preventDefault();
    editing.undo(event.shiftKey);
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && !typing && !pressing) {
    event.preventDefault();
    toggle();
  } else if (event.key.toLowerCase() === "b" && !typing) {
    choose(state.heardAs === "before" ? state.lastHeard ?? "after" : "before");
  }
  if (state.heardAs !== "before") state.lastHeard = state.heardAs;
}

/** Ask for models and options, and then for a file: the one that was refused, or an example. */
async function start() {
  if (!(await listModels())) return;
  const refused = state.refused;
  state.refused = null;
  state.options = await fetchOptions().catch(() => new Set());
  if (state.turn && !refused) return; // a file was opened meanwhile
  if (refused) open(...refused);
  else openExample(FIRST_EXAMPLE);
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
wirePlaying();
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
