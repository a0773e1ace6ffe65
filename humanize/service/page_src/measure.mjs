// How much computing a blend of four interpretations takes until it can sound: node measure.mjs [CHORDS]
// Milliseconds of the processor, median of ten after two to warm up; the page's own modules, bundled.
import { build } from "esbuild";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const chords = Number(process.argv[2] ?? 12_000);
const out = await mkdtemp(join(tmpdir(), "page-"));
await build({ entryPoints: ["music.js", "timeline.js"], bundle: true, format: "esm", outdir: out, outExtension: { ".js": ".mjs" }, logLevel: "error" });
const { blend, interpretationOf, performedVersion, readMusic, shaped } = await import(join(out, "music.mjs"));
const { channelsOf, timeline } = await import(join(out, "timeline.mjs"));

let seed = 1;
const drawn = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
const several = (count, value) => Array.from({ length: count }, (_, i) => value(i));
const notes = chords * 3;
const chord = (i) => Math.floor(i / 3);
const lasts = several(notes, () => [0.2, 0.25, 0.5, 1][Math.floor(drawn() * 4)]);
const alike = { channel: 1, track: 1, program: 0, instrument: 0, velocity_before: 64 };
const columns = {
  ...Object.fromEntries(Object.entries(alike).map(([name, value]) => [name, several(notes, () => value)])),
  onset_beat: several(notes, (i) => chord(i) / 4),
  onset_sec: several(notes, (i) => chord(i) / 8),
  duration_beat: lasts,
  duration_sec: lasts.map((beats) => beats / 2),
  pitch: several(notes, (i) => 36 + ((7 * chord(i)) % 36) + 7 * (i % 3)),
  measure: several(notes, (i) => 1 + (chord(i) >> 4)),
};

function answer() {
  const performance = {
    onset_beat: several(chords, (i) => i / 4),
    log_beat_period: several(chords, () => 0.1 * drawn()),
    asynchrony_ms: several(notes, () => 20 * drawn()),
    log_articulation: several(notes, () => -drawn()),
    pedal_lift_ms: several(chords, () => (drawn() > 0.5 ? 50 : null)),
    pedal_press_ms: several(chords, () => (drawn() > 0.5 ? 100 : null)),
    drum_lag_ms: [],
    notated_beat: [0, chords / 4],
    notated_sec: [0, chords / 8],
  };
  return { tracks: [], pieces: [{ columns: { ...columns, predicted: several(notes, () => 40 + 50 * drawn()) }, performance }] };
}

const music = readMusic(answer(), new TextEncoder().encode("<score>").buffer);
const corners = several(4, () => interpretationOf(answer()));
const amounts = { rubato: 1, timing: 1, articulation: 1, pedal: true };
const order = { notes: music.notes, order: Int32Array.from(music.order), byStop: Int32Array.from(music.byStop) };
const channels = channelsOf(music.notes);
const spent = {};

function timed(name, work) {
  const start = process.cpuUsage();
  const made = work();
  const { user, system } = process.cpuUsage(start);
  (spent[name] ??= []).push((user + system) / 1000);
  return made;
}

const shaping = { settings: { strength: 1, contrast: 1, mean: null }, changes: () => true, amount: () => 1 };
for (let run = 0; run < 12; run++) {
  const x = 0.3 + 0.04 * run;
  const weights = [(1 - x) / 2, x / 2, (1 - x) / 2, x / 2];
  const own = timed("blend", () => blend(corners.map((pieces, k) => ({ pieces, weight: weights[k] }))));
  const version = timed("performed", () => performedVersion(music, own, amounts));
  timed("timeline", () => timeline(order, version, channels));
  timed("velocities", () => [shaped(music, own, shaping), shaped(music, own, shaping)]);
}
let sum = 0;
for (const [name, all] of Object.entries(spent)) {
  const median = all.slice(2).sort((a, b) => a - b)[5];
  sum += median;
  console.log(`${name.padEnd(12)}${median.toFixed(1)} ms`);
}
console.log(`${notes.toLocaleString("en")} notes: ${sum.toFixed(1)} ms`);
