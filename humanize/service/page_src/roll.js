// Draws the piano rolls and the velocity curve of the stretch of time in view.
import { COLOURS } from "./shaping.js";

const GAP = 1;

function prepare(canvas) {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

function ink(canvas) {
  const style = getComputedStyle(canvas);
  const read = (name) => style.getPropertyValue(name).trim();
  return { line: read("--line"), text: read("--quiet"), head: read("--accent"), rest: read("--idle") };
}

/** Number and first second of every measure of every piece. */
export function measureStarts(notes) {
  const starts = new Map();
  for (const { piece, measure, start } of notes) {
    const key = `${piece} ${measure}`;
    if (!(starts.get(key)?.[1] <= start)) starts.set(key, [measure, start]);
  }
  return [...starts.values()].sort((a, b) => a[1] - b[1]);
}

function bars(pen, view, width, height, colours, measures, labelled) {
  const x = (second) => ((second - view.from) / view.span) * width;
  pen.fillStyle = colours.line;
  pen.font = "11px system-ui, sans-serif";
  let last = -Infinity;
  let label = -Infinity;
  for (const [number, start] of measures) {
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

function playhead(pen, view, now, width, height, colours) {
  const at = ((now - view.from) / view.span) * width;
  pen.fillStyle = colours.head;
  pen.fillRect(at - 1, 0, 2, height);
}

export function drawRoll(canvas, { music, velocities, view, now, measures, chosen }) {
  const { pen, width, height } = prepare(canvas);
  const colours = ink(canvas);
  bars(pen, view, width, height, colours, measures, true);
  const [low, high] = music.pitchRange;
  const row = (height - 16) / (high - low + 1);
  const scale = width / view.span;
  music.notes.forEach((note, i) => {
    const left = (note.start - view.from) * scale;
    const right = (note.stop - view.from) * scale;
    if (right < 0 || left > width || note.drum) return;
    pen.globalAlpha = chosen(note) ? 1 : 0.35;
    pen.fillStyle = COLOURS[velocities[i]];
    const top = 14 + (high - note.pitch) * row;
    pen.fillRect(left, top, Math.max(3, right - left - GAP), Math.max(4, row - 0.5));
  });
  pen.globalAlpha = 1;
  playhead(pen, view, now, width, height, colours);
}

/** Velocity of every note as a dot, and the mean at each onset as a line: grey before, coloured after. */
export function drawCurve(canvas, { music, after, view, now, measures, showAfter }) {
  const { pen, width, height } = prepare(canvas);
  const colours = ink(canvas);
  bars(pen, view, width, height, colours, measures, false);
  const y = (velocity) => height - 4 - ((velocity - 1) / 126) * (height - 8);
  pen.fillStyle = colours.text;
  pen.font = "11px system-ui, sans-serif";
  for (const mark of [32, 64, 96]) {
    pen.globalAlpha = 0.5;
    pen.fillRect(0, y(mark), width, 0.5);
    pen.globalAlpha = 1;
    pen.fillText(String(mark), 2, y(mark) - 2);
  }
  line(pen, music, music.before, view, width, y, colours.rest, showAfter ? 1.5 : 3);
  dots(pen, music, after, view, width, y);
  line(pen, music, after, view, width, y, colours.head, showAfter ? 2.5 : 1.2);
  playhead(pen, view, now, width, height, colours);
}

function dots(pen, music, velocities, view, width, y) {
  const scale = width / view.span;
  const size = music.notes.length > 4000 && view.span > 60 ? 1.5 : 3;
  music.notes.forEach((note, i) => {
    const x = (note.start - view.from) * scale;
    if (x < -4 || x > width + 4 || note.drum) return;
    pen.fillStyle = COLOURS[velocities[i]];
    pen.beginPath();
    pen.arc(x, y(velocities[i]), size, 0, 7);
    pen.fill();
  });
}

function line(pen, music, velocities, view, width, y, colour, thickness) {
  const window = Math.max(0.5, view.span / 40);
  const first = Math.floor(view.from / window) - 1;
  const count = Math.ceil(view.span / window) + 3;
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  music.notes.forEach((note, i) => {
    const bin = Math.floor(note.start / window) - first;
    if (bin < 0 || bin >= count || note.drum) return;
    sums[bin] += velocities[i];
    counts[bin] += 1;
  });
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
