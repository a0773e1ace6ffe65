// Draws the piano roll, the velocity curve and the tempo with the pedal, of the stretch in view.
import { LANE_COLOURS } from "./instruments.js";
import { upper } from "./playing.js";
import { COLOURS } from "./shaping.js";

const GAP = 1;
export const RULER = 15; // pixels above the notes, where measures are numbered and passages marked
const NAME = 13; // pixels above each of several bands

function prepare(canvas) {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "11px system-ui, sans-serif";
  return { pen, width, height };
}

function ink(canvas) {
  const style = getComputedStyle(canvas);
  const read = (name) => style.getPropertyValue(name).trim();
  return { line: read("--line"), text: read("--quiet"), ink: read("--ink"), head: read("--accent"), rest: read("--idle"), mark: read("--mark"), pedal: read("--pedal") };
}

/** The instruments of the music, each a band of the roll: its notes' rows of pitch, name and colour. */
export function bandsOf(music) {
  const bands = new Map();
  for (const note of music.notes) {
    if (!bands.has(note.instrument)) bands.set(note.instrument, { pitches: new Set(), tracks: new Set(), drum: note.drum });
    bands.get(note.instrument).pitches.add(note.pitch);
    bands.get(note.instrument).tracks.add(note.track);
  }
  const names = new Map(music.tracks.map((t) => [t.number, t.name || `Track ${t.number}`]));
  return new Map([...bands].sort((a, b) => (a[1].drum - b[1].drum) || Math.min(...a[1].tracks) - Math.min(...b[1].tracks)).map(([instrument, band], k) => {
    const sorted = [...band.pitches].sort((a, b) => a - b);
    const low = sorted[0] - 1;
    const count = band.drum ? sorted.length : sorted[sorted.length - 1] - low + 2;
    const rowOf = band.drum ? new Map(sorted.map((p, r) => [p, r])) : null;
    const name = [...band.tracks].map((t) => names.get(t)).join(", ");
    return [instrument, { ...band, name, count, row: (pitch) => (rowOf ? rowOf.get(pitch) : pitch - low), colour: LANE_COLOURS[k % LANE_COLOURS.length] }];
  }));
}

function bars(pen, { view, music, passage }, width, height, colours, labelled) {
  const x = (second) => ((second - view.from) / view.span) * width;
  if (passage) {
    pen.fillStyle = colours.mark;
    const [from, to] = passageSeconds(music, passage);
    pen.fillRect(x(from), 0, x(to) - x(from), height);
  }
  let last = -Infinity;
  let label = -Infinity;
  for (const [number, start] of music.measures) {
    const at = x(start);
    if (at < 0 || at > width || at - last < 14) continue;
    pen.fillStyle = colours.line;
    pen.fillRect(at, 0, 1, height);
    if (labelled && at - label >= 34) {
      label = at;
      pen.fillStyle = colours.text;
      pen.fillText(String(number), at + 3, 11);
    }
    last = at;
  }
}

/** Seconds at which a passage of measures begins and ends. */
export function passageSeconds(music, { from, to }) {
  const first = music.measures.find(([number]) => number >= from)?.[1] ?? 0;
  const after = music.measures.find(([number, start]) => number > to && start > first)?.[1] ?? music.length;
  return [first, after];
}

/** Indices into `music.order` of the notes that may be in view. */
function inView(music, view) {
  const first = upper(music.starts, view.from - Math.min(music.longest, 30) - 1e-9);
  return [first, upper(music.starts, view.from + view.span)];
}

/** Rectangles of the notes in view: `each(i, x, y, width, height)`. */
function eachNote(canvas, { music, bands, view }, width, height, each) {
  const scale = width / view.span;
  const list = [...bands.values()];
  const name = list.length > 1 ? NAME : 0;
  const total = list.reduce((sum, band) => sum + Math.max(band.count, 8), 0);
  const unit = (height - RULER - name * list.length) / total;
  const tops = new Map();
  let top = RULER;
  for (const [instrument, band] of bands) {
    const tall = unit * Math.max(band.count, 8);
    tops.set(instrument, { top: top + name, tall, row: tall / band.count, band });
    top += name + tall;
  }
  const [from, to] = inView(music, view);
  for (let k = from; k < to; k++) {
    const i = music.order[k];
    const note = music.notes[i];
    const left = (note.start - view.from) * scale;
    const right = (note.stop - view.from) * scale;
    if (right < 0 || left > width) continue;
    const { top: y, tall, row, band } = tops.get(note.instrument);
    const short = note.drum ? Math.min(right - left, 10) : right - left;
    const high = Math.max(3, row - 0.5);
    each(i, left, y + tall - (band.row(note.pitch) + 1) * row, Math.max(3, short - GAP), Math.min(high, 16));
  }
  return tops;
}

export function drawRoll(canvas, scene) {
  const { pen, width, height } = prepare(canvas);
  const colours = ink(canvas);
  const { music, bands, velocities, selected, lively } = scene;
  bars(pen, scene, width, height, colours, true);
  const tops = eachNote(canvas, scene, width, height, (i, x, y, w, h) => {
    pen.globalAlpha = lively(music.notes[i]) ? 1 : 0.3;
    pen.fillStyle = COLOURS[velocities[i]];
    pen.fillRect(x, y, w, h);
    if (i === selected) {
      pen.strokeStyle = colours.ink;
      pen.lineWidth = 2;
      pen.strokeRect(x - 1.5, y - 1.5, w + 3, h + 3);
    }
  });
  pen.globalAlpha = 1;
  if (bands.size < 2) return;
  for (const { top, tall, band } of tops.values()) {
    pen.fillStyle = colours.line;
    pen.fillRect(0, top - NAME, width, 1);
    pen.fillStyle = band.colour;
    pen.fillRect(0, top - NAME + 2, 4, tall + NAME - 4);
    pen.fillStyle = colours.text;
    pen.fillText(band.name, 9, top - 2, width - 20);
  }
}

/** The note at a point of the roll, or -1; of several the one drawn last. */
export function noteAt(canvas, scene, x, y) {
  let found = -1;
  const slack = 3;
  eachNote(canvas, scene, canvas.clientWidth, canvas.clientHeight, (i, left, top, w, h) => {
    const inside = x >= left - slack && x <= left + w + slack && y >= top - slack && y <= top + h + slack;
    if (inside) found = i;
  });
  return found;
}

/** Velocity of every note as a dot, and the mean as a line: grey before, coloured after. */
export function drawCurve(canvas, scene) {
  const { pen, width, height } = prepare(canvas);
  const colours = ink(canvas);
  const { music, after, view, showAfter } = scene;
  bars(pen, scene, width, height, colours, false);
  const y = (velocity) => height - 4 - ((velocity - 1) / 126) * (height - 8);
  pen.fillStyle = colours.text;
  for (const [mark, word] of [[33, "pp"], [64, "mp"], [96, "f"]]) {
    pen.globalAlpha = 0.4;
    pen.fillRect(0, y(mark), width, 0.5);
    pen.globalAlpha = 1;
    pen.fillText(word, 2, y(mark) - 2);
  }
  line(pen, music, music.before, view, width, y, colours.rest, showAfter ? 1.5 : 3);
  dots(pen, music, after, view, width, y);
  line(pen, music, after, view, width, y, colours.head, showAfter ? 2.5 : 1.2);
}

function dots(pen, music, velocities, view, width, y) {
  const scale = width / view.span;
  const [from, to] = inView(music, view);
  const size = to - from > 3000 ? 1.2 : 2.5;
  for (let k = from; k < to; k++) {
    const i = music.order[k];
    const note = music.notes[i];
    const x = (note.start - view.from) * scale;
    if (x < -4 || x > width + 4 || (note.drum && !music.drumsAlone)) continue;
    pen.fillStyle = COLOURS[velocities[i]];
    pen.fillRect(x - size, y(velocities[i]) - size, 2 * size, 2 * size);
  }
}

function line(pen, music, velocities, view, width, y, colour, thickness) {
  const window = Math.max(0.5, view.span / 40);
  const first = Math.floor(view.from / window) - 1;
  const count = Math.ceil(view.span / window) + 3;
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  const [from, to] = inView(music, { from: first * window, span: count * window });
  for (let k = from; k < to; k++) {
    const i = music.order[k];
    const bin = Math.floor(music.notes[i].start / window) - first;
    if (bin < 0 || bin >= count || (music.notes[i].drum && !music.drumsAlone)) continue;
    sums[bin] += velocities[i];
    counts[bin] += 1;
  }
  pen.strokeStyle = colour;
  pen.lineWidth = thickness;
  pen.lineJoin = "round";
  pen.beginPath();
  for (let bin = 0; bin < count; bin++) {
    if (!counts[bin]) continue;
    const x = (((first + bin + 0.5) * window - view.from) / view.span) * width;
    pen.lineTo(x, y(sums[bin] / counts[bin]));
  }
  pen.stroke();
}

/** The tempo of the performance over the notated one, and the pedal under it. */
export function drawTempo(canvas, scene) {
  const { pen, width, height } = prepare(canvas);
  const colours = ink(canvas);
  const { music, view, version, tempo } = scene;
  bars(pen, scene, width, height, colours, false);
  const x = (second) => ((second - view.from) / view.span) * width;
  const floor = height - 12;
  const y = (ratio) => floor / 2 - Math.max(-1, Math.min(1, Math.log(ratio) / 0.5)) * (floor / 2 - 3);
  pen.fillStyle = colours.rest;
  pen.fillRect(0, y(1), width, 0.7);
  pen.strokeStyle = colours.head;
  pen.lineWidth = 1.8;
  pen.beginPath();
  for (const [from, to, ratio] of tempo) {
    if (x(to) < 0 || x(from) > width) continue;
    pen.lineTo(x(from), y(ratio));
    pen.lineTo(x(to), y(ratio));
  }
  pen.stroke();
  pen.fillStyle = colours.pedal;
  for (const [down, up] of version.spans ?? []) {
    const [left, right] = [x(version.written(down)), x(version.written(up))];
    if (right > 0 && left < width) pen.fillRect(left, height - 9, Math.max(2, right - left), 6);
  }
  pen.fillStyle = colours.text;
  pen.fillText("faster", 2, 10);
  pen.fillText("slower", 2, floor - 3);
}

/** Tempo played over written, [from, to, ratio] in written seconds, smoothed to beats. */
export function tempoCurve(music, version) {
  const curve = [];
  const step = Math.max(0.25, music.length / 4000);
  for (let from = 0; from < music.length; from += step) {
    const to = Math.min(from + step, music.length);
    const lasts = version.played(to) - version.played(from);
    if (lasts > 0) curve.push([from, to, (to - from) / lasts]);
  }
  return curve;
}
