// The same arithmetic as humanize/interpretation/shaping.py, so that a slider is heard at once.

export const DRUMS = -1;

/**
 * Velocities of one piece. `chosen(i)` says whether note i may change, `amount(i)` how much of the
 * strength its instrument gets.
 */
export function shape(predicted, before, chosen, { strength, mean, contrast }, amount = () => 1) {
  const after = Int16Array.from(before);
  const heard = [];
  let sum = 0;
  for (let i = 0; i < predicted.length; i++) {
    if (!known(predicted[i]) || !chosen(i)) continue;
    heard.push(i);
    sum += predicted[i];
  }
  if (strength === 0 || heard.length === 0) return after;
  const middle = sum / heard.length;
  const target = mean ?? middle;
  for (const i of heard) {
    const wanted = target + contrast * (predicted[i] - middle);
    const mixed = before[i] + strength * amount(i) * (wanted - before[i]);
    after[i] = Math.min(127, Math.max(1, Math.floor(mixed + 0.5 + 1e-9)));
  }
  return after;
}

const known = (value) => value !== null && !Number.isNaN(value);

/** Velocity from 1 to 127 as a colour: dark blue soft, red loud. */
const STOPS = [
  [46, 60, 156], [67, 101, 190], [49, 146, 186], [53, 173, 138],
  [140, 188, 79], [229, 178, 53], [236, 120, 46], [214, 52, 52],
];
export function colour(velocity) {
  const at = (Math.min(127, Math.max(1, velocity)) / 127) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  const mix = STOPS[low].map((c, k) => Math.round(c + (at - low) * (STOPS[low + 1][k] - c)));
  return `rgb(${mix.join(" ")})`;
}
export const COLOURS = Array.from({ length: 128 }, (_, v) => colour(v));
