// The file that is heard, from the service: by its options alone, or with the numbers of what was shaped.
import { fetchFile } from "./service.js";

const PLAYED = ["log_beat_period", "asynchrony_ms", "log_articulation", "pedal_lift_ms", "pedal_press_ms"];

/** The numbers of what is heard, piece by piece. */
function given({ music, after, interpretation }, performed) {
  return music.pieces.map(({ first, before }, p) => {
    const velocity = [...after.subarray(first, first + before.length)];
    const { performance } = interpretation[p];
    if (!performed || !performance) return { velocity };
    const names = performance.drum_lag_ms.length ? [...PLAYED, "drum_lag_ms"] : PLAYED;
    return { velocity, ...Object.fromEntries(names.map((name) => [name, [...performance[name]]])) };
  });
}

function fileOptions(state, settings, parts, { plain, asked, performed }) {
  const { strength, contrast, mean } = settings.base;
  const numbers = () => ({ interpretation: JSON.stringify(given(state, performed)) });
  const options = plain ? { ...asked, strength, contrast, mean } : numbers();
  if (plain && parts.chosen()) options.tracks = parts.chosen().join(",");
  if (!performed) return options;
  const { rubato, timing, articulation, pedal } = settings.amounts();
  return { ...options, rubato, timing, articulation, pedal: pedal ? "auto" : "keep" };
}

/**
 * Have the file written and hand it to the browser; returns its name. `plain`: whether the service
 * itself would write what is heard, by the options `asked` and the sliders alone.
 */
export async function save(state, settings, parts, how) {
  const options = fileOptions(state, settings, parts, how);
  if (how.asMidi) options.as_midi = true;
  const blob = await fetchFile(state.file, options, how.performed);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = savedName(state.name, blob.type);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return link.download;
}

function savedName(name, type) {
  const stem = name.replace(/\.[^.]*$/, "");
  return `${stem}-humanized${type === "audio/midi" ? ".mid" : (name.match(/\.[^.]*$/)?.[0] ?? "")}`;
}
