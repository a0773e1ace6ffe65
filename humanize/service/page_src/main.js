// What happens when: files in, pictures and sound, settings, file out.
import { readMusic, shaped, summary } from "./music.js";
import { Player } from "./player.js";
import { drawCurve, drawRoll, measureStarts } from "./roll.js";
import { fetchHumanized, fetchModels, fetchStatic, fetchVelocities, setToken } from "./service.js";
import { COLOURS } from "./shaping.js";

const $ = (id) => document.getElementById(id);
const player = new Player();
const state = { file: null, name: "", music: null, after: null, measures: [], view: { from: 0, span: 30 }, asking: "", asked: 0, refused: null };
const FIRST_VIEW_SEC = 30;
const EXAMPLES = [
  ["bach_prelude.mid", "Bach, Prelude in C"],
  ["fugue.mid", "Bach, Fugue in C minor"],
  ["waltz.mid", "A waltz"],
  ["waltz.musicxml", "The waltz as a score with dynamics"],
];

function say(text) {
  $("status").textContent = text;
}

function complain(error) {
  $("message").textContent = plain(error?.message ?? "");
  $("message").hidden = !error;
  if (error) $("message").scrollIntoView({ block: "nearest" });
  if (error?.status === 401) {
    $("token-form").hidden = false;
    $("token").focus();
  }
}

/** The service's words with the file's own name, and without what only a command line has. */
function plain(text) {
  return text
    .replace(/^upload(\.\w+)?(?=:)/, () => state.asking || "the file")
    .replace(/\s*\(see --[^)]*\)|; --.*$/g, "");
}

function sentence(text) {
  const words = plain(text);
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

const heard = () => document.querySelector("input[name=heard]:checked").value;
const picked = (name) => document.querySelector(`input[name=${name}]:checked`).value;

// ---- settings ------------------------------------------------------------------------------

function chosenTracks() {
  const boxes = [...document.querySelectorAll("#track-list input")];
  if (boxes.every((box) => box.checked)) return null;
  return new Set(boxes.filter((box) => box.checked).map((box) => Number(box.value)));
}

function settings() {
  return {
    strength: Number($("strength").value) / 100,
    contrast: Number($("contrast").value) / 100,
    mean: $("mean").dataset.moved ? Number($("mean").value) : null,
    tracks: chosenTracks(),
  };
}

function asked() {
  return { dynamics: picked("dynamics"), model: $("model").value || null };
}

function showSettings(now) {
  $("strength-value").textContent = `${Math.round(now.strength * 100)} %`;
  $("contrast-value").textContent = `× ${now.contrast.toFixed(2)}`;
  $("mean-value").textContent = now.mean === null ? "the model's" : String(now.mean);
  for (const id of ["strength", "contrast", "mean"]) $(id).setAttribute("aria-valuetext", $(`${id}-value`).textContent);
}

// ---- loading -------------------------------------------------------------------------------

async function open(file, name) {
  player.pause();
  showPlay();
  complain(null);
  say(`Reading ${name} …`);
  await listen(file, name, true);
}

async function listen(file, name, fresh) {
  const turn = ++state.asked;
  state.asking = name;
  try {
    const [answer, bytes] = await Promise.all([fetchVelocities(file, asked()), file.arrayBuffer()]);
    if (turn === state.asked) show(answer, bytes, file, name, fresh);
  } catch (error) {
    if (turn !== state.asked) return;
    state.refused = error.status === 401 ? [file, name] : null;
    say("");
    complain(error);
  }
}

function show(answer, bytes, file, name, fresh) {
  complain(null);
  const music = readMusic(answer, bytes);
  const pitches = music.notes.filter((note) => !note.drum).map((note) => note.pitch);
  const low = pitches.reduce((a, b) => Math.min(a, b), 127);
  const high = pitches.reduce((a, b) => Math.max(a, b), 0);
  music.pitchRange = [Math.max(0, low - 1), Math.min(127, high + 1)];
  Object.assign(state, { file, name, music, measures: measureStarts(music.notes) });
  $("work").hidden = false;
  $("title").textContent = name;
  $("download-midi").hidden = !music.isScore;
  say([`${music.notes.length.toLocaleString("en")} notes, model ${answer.model}.`, ...pieces(answer), ...answer.messages.map(sentence)].join(" "));
  if (fresh) {
    state.view = { from: 0, span: Math.max(4, Math.min(music.length, FIRST_VIEW_SEC)) };
    listTracks(answer.tracks);
    player.load(music);
    $("seek").max = String(music.length);
    $("mean").dataset.moved = "";
    $("work").focus({ preventScroll: true });
  }
  reshape();
}

function pieces(answer) {
  const count = answer.pieces.length;
  if (count < 2) return [];
  return [`This MIDI file of type 2 holds ${count} pieces; here they follow one another, and sound without pedal.`];
}

function listTracks(tracks) {
  const rows = tracks.map(({ number, name, notes, changes }) => {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: number, checked: true });
    box.disabled = !changes;
    const label = document.createElement("label");
    label.append(box, ` ${name || `Track ${number}`} (${notes} notes${changes ? "" : ", drums"})`);
    return label;
  });
  $("track-list").replaceChildren(...rows);
  $("tracks").hidden = rows.length < 2;
}

// ---- pictures ------------------------------------------------------------------------------

function reshape() {
  const now = settings();
  showSettings(now);
  if (!state.music) return;
  state.after = shaped(state.music, now);
  player.velocityOf = (i) => (heard() === "before" ? state.music.before : state.after)[i];
  const none = now.tracks?.size === 0;
  $("download").disabled = $("download-midi").disabled = none;
  complain(none ? new Error("No track is chosen; choose at least one to change something.") : null);
  if (!$("mean").dataset.moved) $("mean").value = String(Math.round(modelMean()));
  describe("before", state.music.before);
  describe("after", state.after);
  draw();
}

function modelMean() {
  return summary(shaped(state.music, { strength: 1, contrast: 1, mean: null, tracks: null })).mean;
}

function describe(which, velocities) {
  const { mean, low, high } = summary(velocities);
  const text = low === high ? `all ${low}` : `${low} to ${high}, mean ${mean.toFixed(0)}`;
  $(`${which}-summary`).textContent = text;
  $(which).setAttribute("aria-label", `Piano roll ${which}: velocities ${text}`);
}

let waiting = 0;
function draw() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    if (state.music) drawNow();
  });
}

function drawNow() {
  const { music, view, measures, after } = state;
  const { tracks } = settings();
  const chosen = (note) => tracks === null || tracks.has(note.track);
  const now = player.now();
  drawRoll($("before"), { music, velocities: music.before, view, now, measures, chosen });
  drawRoll($("after"), { music, velocities: after, view, now, measures, chosen });
  drawCurve($("curve"), { music, after, view, now, measures, showAfter: heard() === "after" });
  $("seek").value = String(now);
  $("time").textContent = `${clockText(now)} / ${clockText(music.length)}`;
  $("seek").setAttribute("aria-valuetext", $("time").textContent);
  $("play").dataset.clock = player.clock.toFixed(3);
  $("play").dataset.level = player.level.toFixed(5);
}

function clockText(second) {
  const whole = Math.floor(second);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function follow() {
  if (!player.playing) return;
  const now = player.now();
  const { from, span } = state.view;
  if (now > from + span * 0.92 || now < from) moveView(now - span * 0.1);
  draw();
  requestAnimationFrame(follow);
}

function moveView(from, span = state.view.span) {
  const length = Math.max(state.music.length, 1);
  const width = Math.min(Math.max(span, 2), Math.max(length, 4));
  state.view = { from: Math.max(0, Math.min(from, length - width)), span: width };
  draw();
}

// ---- playing -------------------------------------------------------------------------------

function showPlay() {
  $("play").textContent = player.playing ? "❚❚ Pause" : "▶ Play";
}

async function toggle() {
  if (!state.music) return;
  if (player.playing) {
    player.pause();
    showPlay();
    draw();
    return;
  }
  const started = player.play();
  showPlay();
  try {
    await started;
    follow();
  } catch (error) {
    complain(error);
  }
  showPlay();
}

player.onend = () => {
  showPlay();
  draw();
};

// ---- saving --------------------------------------------------------------------------------

async function download(asMidi) {
  const now = settings();
  const options = { ...asked(), strength: now.strength, contrast: now.contrast, mean: now.mean };
  if (asMidi) options.as_midi = true;
  if (now.tracks) options.tracks = [...now.tracks].join(",");
  say("Writing the file …");
  try {
    const blob = await fetchHumanized(state.file, options);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = savedName(state.name, blob.type);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(`Saved ${link.download}.`);
  } catch (error) {
    say("");
    complain(error);
  }
}

function savedName(name, type) {
  const stem = name.replace(/\.[^.]*$/, "");
  return `${stem}-humanized${type === "audio/midi" ? ".mid" : (name.match(/\.[^.]*$/)?.[0] ?? "")}`;
}

// ---- wiring --------------------------------------------------------------------------------

function wireFiles() {
  $("file").addEventListener("change", () => {
    const [file] = $("file").files;
    if (file) open(file, file.name);
    $("file").value = "";
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      $("drop").classList.toggle("over", name === "dragover");
      const file = name === "drop" && event.dataTransfer?.files[0];
      if (file) open(file, file.name);
    });
  }
  for (const [path, title] of EXAMPLES) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
    button.addEventListener("click", async () => {
      try {
        open(new Blob([await fetchStatic(`static/examples/${path}`)]), path);
      } catch (error) {
        complain(error);
      }
    });
    $("examples").append(button);
  }
}

function wireControls() {
  $("controls").addEventListener("input", ({ target }) => {
    if (target.id === "mean") target.dataset.moved = "yes";
    if (target.name === "dynamics" || target.id === "model") listen(state.file, state.name, false);
    else reshape();
  });
  $("controls").addEventListener("reset", () => {
    const before = JSON.stringify(asked());
    $("mean").dataset.moved = "";
    setTimeout(() => (JSON.stringify(asked()) === before ? reshape() : listen(state.file, state.name, false)));
  });
  $("controls").addEventListener("submit", (event) => event.preventDefault());
  $("download").addEventListener("click", () => download(false));
  $("download-midi").addEventListener("click", () => download(true));
  $("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    setToken($("token").value);
    $("token-form").hidden = true;
    complain(null);
    tryToken();
  });
}

function wirePlaying() {
  $("play").addEventListener("click", toggle);
  for (const radio of document.querySelectorAll("input[name=heard]")) radio.addEventListener("change", draw);
  $("seek").addEventListener("input", () => {
    player.seek(Number($("seek").value));
    const { from, span } = state.view;
    if (player.position < from || player.position > from + span) moveView(player.position - span * 0.1);
    draw();
  });
  for (const id of ["before", "after", "curve"]) {
    $(id).addEventListener("click", (event) => {
      const share = event.offsetX / event.target.clientWidth;
      player.seek(state.view.from + share * state.view.span);
      draw();
    });
  }
  const zoom = (factor) => moveView(state.view.from, state.view.span * factor);
  $("zoom-in").addEventListener("click", () => zoom(0.5));
  $("zoom-out").addEventListener("click", () => zoom(2));
  $("zoom-all").addEventListener("click", () => moveView(0, state.music.length));
  document.addEventListener("keydown", keys);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !state.music) return;
  const typing = event.target.matches("input[type=password], select");
  const pressing = event.target.matches("button, a, input[type=file], input[type=checkbox], input[type=radio]");
  if (event.key === " " && !typing && !pressing) {
    event.preventDefault();
    toggle();
  } else if (event.key.toLowerCase() === "b" && !typing) {
    const other = heard() === "before" ? "after" : "before";
    document.querySelector(`input[name=heard][value=${other}]`).checked = true;
    draw();
  }
}

/** Ask again with the token that was entered, also for a file that was refused without it. */
async function tryToken() {
  if (!(await listModels())) return;
  const refused = state.refused;
  state.refused = null;
  if (refused) open(...refused);
  else $("file").focus();
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
paintRamp();
listModels();
showSettings(settings());
new ResizeObserver(draw).observe($("work"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
