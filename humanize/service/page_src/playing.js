// When notes and pedals are heard in a performance, by what /v1/interpretation tells and the amounts
// of the sliders: the arithmetic of humanize/interpretation/timing.py.

const PEDAL_GAP_SEC = 0.02;

const grids = new WeakMap(); // by onsets: what tempo does not change
const places = new WeakMap(); // by knots: between which of them each note begins and ends
const chords = new WeakMap(); // by columns: rows that are struck together

/** The performed time map of one piece: knots in beats, seconds as notated and played, `at(beat)`. */
export function timeMap(played, rubato) {
  const { notated_beat: beat, notated_sec: sec, onset_beat: onset, log_beat_period: period } = played;
  if (!onset.length) return { beats: beat, notated: sec, secs: sec, at: follower(beat, sec) };
  if (!grids.has(onset)) grids.set(onset, gridOf(beat, sec, onset));
  const { beats, notated, tempo } = grids.get(onset);
  const secs = new Float64Array(beats.length);
  secs[0] = notated[0];
  for (let i = 0; i + 1 < beats.length; i++) {
    const stretch = tempo[i] < 0 ? 1 : Math.exp(rubato * (period[tempo[i]] || 0));
    secs[i + 1] = secs[i] + stretch * (notated[i + 1] - notated[i]);
  }
  return { beats, notated, secs, at: follower(beats, secs) };
}

/** Knots of a time map, their notated seconds, and whose tempo each interval has (-1: the notated). */
function gridOf(beat, sec, onset) {
  const end = Math.max(beat[beat.length - 1], onset[onset.length - 1]);
  const beats = Float64Array.from(new Set([...beat, ...onset, end, end + 1])).sort();
  const tempo = new Int32Array(beats.length).fill(-1);
  let k = -1;
  beats.forEach((knot, i) => {
    while (k + 1 < onset.length && onset[k + 1] <= knot) k++;
    if (knot < end) tempo[i] = k;
  });
  return { beats, notated: beats.map(follower(beat, sec)), tempo };
}

/** A function straight between knots, and straight on beyond them. */
export function follower(xs, ys) {
  return (x) => along(xs, ys, segment(xs, x), x);
}

const segment = (xs, x) => Math.min(Math.max(upper(xs, x) - 1, 0), xs.length - 2);

function along(xs, ys, i, x) {
  if (i < 0) return ys[0] ?? 0;
  return ys[i] + ((ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i])) * (x - xs[i]);
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
  const { onset_beat: onset, duration_beat: duration } = columns;
  const { begins, ends } = placesOf(map.beats, onset, duration);
  const [start, stop] = [new Float64Array(onset.length), new Float64Array(onset.length)];
  const lags = lagsOf(columns, played);
  for (let i = 0; i < onset.length; i++) {
    const on = along(map.beats, map.secs, begins[i], onset[i]);
    const lasts = along(map.beats, map.secs, ends[i], onset[i] + duration[i]) - on;
    start[i] = Math.max(0, on + (lags[i] * timing) / 1000);
    stop[i] = start[i] + Math.exp(articulation * (played.log_articulation[i] || 0)) * lasts;
  }
  return { start, stop, map };
}

function placesOf(knots, onset, duration) {
  if (!places.has(knots)) {
    const begins = Int32Array.from(onset, (beat) => segment(knots, beat));
    const ends = Int32Array.from(onset, (beat, i) => segment(knots, beat + duration[i]));
    places.set(knots, { begins, ends });
  }
  return places.get(knots);
}

/** How many ms each note is from its beat; of each chord the middle note stays on it. */
function lagsOf(columns, { asynchrony_ms: asynchrony, drum_lag_ms: drums }) {
  const lags = new Float64Array(asynchrony.length); // a note alone is on its beat
  for (const rows of chordsOf(columns)) {
    const middle = middleOf(rows, asynchrony);
    for (const i of rows) lags[i] = (asynchrony[i] || 0) - middle;
  }
  drums?.forEach((lag, i) => {
    if (lag !== null && !Number.isNaN(lag)) lags[i] = lag;
  });
  return lags;
}

/** The middle of some values, of an even number the lower one: by insertion, as chords are small. */
function middleOf(rows, values) {
  const sorted = [];
  for (const i of rows) {
    const own = values[i] || 0;
    let place = sorted.length;
    while (place > 0 && sorted[place - 1] > own) sorted[place] = sorted[--place];
    sorted[place] = own;
  }
  return sorted[(sorted.length - 1) >> 1];
}

/** Rows of each two notes or more of an instrument at one onset. */
function chordsOf(columns) {
  if (!chords.has(columns)) {
    const found = new Map();
    columns.onset_beat.forEach((beat, i) => {
      const key = `${columns.instrument[i]} ${beat}`;
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(i);
    });
    chords.set(columns, [...found.values()].filter((rows) => rows.length > 1));
  }
  return chords.get(columns);
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

/** An interpretation with its numbers as arrays of them, NaN where there is none. */
export function asNumbers({ predicted, performance }) {
  const numbers = (values) => Float64Array.from(values, (value) => value ?? Number.NaN);
  if (!performance) return { predicted: numbers(predicted), performance };
  const own = Object.fromEntries(SUMMED.filter((name) => performance[name]).map((name) => [name, numbers(performance[name])]));
  return { predicted: numbers(predicted), performance: { ...performance, ...own } };
}

/** One interpretation between several: numbers by weight, pedals of the heaviest. */
export function blend(parts) {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const heaviest = parts.reduce((a, b) => (b.weight > a.weight ? b : a));
  if (parts.length === 1) return heaviest.pieces;
  return heaviest.pieces.map((piece, p) => {
    const mixed = (read) => {
      const sum = new Float64Array(read(piece).length);
      for (const { weight, pieces } of parts) {
        const values = read(pieces[p]);
        const share = weight / total;
        for (let i = 0; i < sum.length; i++) sum[i] += share * values[i];
      }
      return sum;
    };
    const performance = { ...piece.performance };
    for (const name of SUMMED) {
      if (performance[name]?.length) performance[name] = mixed((q) => q.performance[name]);
    }
    return { predicted: mixed((q) => q.predicted), performance };
  });
}

/** Weights of the corners of a square for a point in it: top left, top right, bottom left and right. */
export function cornerWeights(x, y) {
  return [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
}
