// When notes and pedals are heard in a performance, by what /v1/interpretation tells and the amounts
// of the sliders: the arithmetic of humanize/interpretation/timing.py.

const PEDAL_GAP_SEC = 0.02;

/** The performed time map of one piece: knots in beats and seconds, and `at(beat)`. */
export function timeMap(played, rubato) {
  const { notated_beat: beat, notated_sec: sec, onset_beat: onset, log_beat_period: period } = played;
  const notated = follower(beat, sec);
  if (!onset.length) return { beats: beat, secs: sec, at: notated };
  const end = Math.max(beat[beat.length - 1], onset[onset.length - 1]);
  const knots = [...new Set([...beat, ...onset, end, end + 1])].sort((a, b) => a - b);
  const secs = [notated(knots[0])];
  let k = -1;
  for (let i = 0; i + 1 < knots.length; i++) {
    while (k + 1 < onset.length && onset[k + 1] <= knots[i]) k++;
    const stretch = k < 0 || knots[i] >= end ? 1 : Math.exp(rubato * period[k]);
    secs.push(secs[i] + stretch * (notated(knots[i + 1]) - notated(knots[i])));
  }
  return { beats: knots, secs, at: follower(knots, secs) };
}

/** A function straight between knots, and straight on beyond them. */
export function follower(xs, ys) {
  return (x) => {
    const i = Math.min(Math.max(upper(xs, x) - 1, 0), xs.length - 2);
    if (i < 0) return ys[0] ?? 0;
    return ys[i] + ((ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i])) * (x - xs[i]);
  };
}

/** The first index whose value is above x. */
export function upper(xs, x) {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Start and stop of every note of a piece in performed seconds. */
export function performedTimes(columns, played, { rubato, timing, articulation }) {
  const map = timeMap(played, rubato);
  const count = columns.pitch.length;
  const start = new Float64Array(count);
  const stop = new Float64Array(count);
  const anchors = chordAnchors(columns, played.asynchrony_ms);
  for (let i = 0; i < count; i++) {
    const on = map.at(columns.onset_beat[i]);
    const lasts = map.at(columns.onset_beat[i] + columns.duration_beat[i]) - on;
    const lag = played.drum_lag_ms?.[i];
    const moved = (lag ?? played.asynchrony_ms[i] - anchors[i]) * timing;
    start[i] = Math.max(0, on + moved / 1000);
    stop[i] = start[i] + Math.exp(articulation * played.log_articulation[i]) * lasts;
  }
  return { start, stop, map };
}

/** Of each note the asynchrony of its chord's middle note, which stays on the beat. */
function chordAnchors(columns, asynchrony) {
  const chords = new Map();
  for (let i = 0; i < asynchrony.length; i++) {
    const key = `${columns.instrument[i]} ${columns.onset_beat[i]}`;
    if (!chords.has(key)) chords.set(key, []);
    chords.get(key).push(i);
  }
  const anchors = new Float64Array(asynchrony.length);
  for (const rows of chords.values()) {
    const sorted = rows.map((i) => asynchrony[i]).sort((a, b) => a - b);
    const middle = sorted[(sorted.length - 1) >> 1];
    for (const i of rows) anchors[i] = middle;
  }
  return anchors;
}

/** Spans [press, lift] in seconds with the pedal down. */
export function pedalSpans(played, map, end) {
  const steps = [];
  played.onset_beat.forEach((beat, i) => {
    const [lift, press] = [played.pedal_lift_ms?.[i] ?? null, played.pedal_press_ms?.[i] ?? null];
    const at = map.at(beat);
    if (lift !== null) steps.push([at + lift / 1000, false]);
    if (press !== null) {
      const earliest = lift === null ? -Infinity : at + lift / 1000 + PEDAL_GAP_SEC;
      steps.push([Math.max(at + press / 1000, earliest), true]);
    }
  });
  steps.sort((a, b) => a[0] - b[0] || Number(a[1]) - Number(b[1]));
  const spans = [];
  let down = null;
  for (const [at, presses] of steps) {
    if (presses && down === null) down = at;
    else if (!presses && down !== null) {
      if (at > down + PEDAL_GAP_SEC) spans.push([down, at]);
      down = null;
    }
  }
  if (down !== null && down < end) spans.push([down, end]);
  return spans;
}

const SUMMED = ["log_beat_period", "asynchrony_ms", "log_articulation", "drum_lag_ms"];

/** One interpretation between several: numbers by weight, pedals of the heaviest. */
export function blend(parts) {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const heaviest = parts.reduce((a, b) => (b.weight > a.weight ? b : a));
  if (parts.length === 1) return heaviest.pieces;
  return heaviest.pieces.map((piece, p) => {
    const mixed = (read) => {
      const out = new Float64Array(read(piece)?.length ?? 0);
      for (const { weight, pieces } of parts) {
        const values = read(pieces[p]);
        for (let i = 0; i < out.length; i++) out[i] += (weight / total) * (values[i] ?? NaN);
      }
      return out;
    };
    const played = { ...piece.performance };
    for (const name of SUMMED) {
      if (played[name]?.length) played[name] = Array.from(mixed((q) => q.performance[name]), gap);
    }
    return { predicted: mixed((q) => q.predicted), performance: played };
  });
}

const gap = (value) => (Number.isNaN(value) ? null : value);

/** Weights of the corners of a square for a point in it: top left, top right, bottom left and right. */
export function cornerWeights(x, y) {
  return [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
}
