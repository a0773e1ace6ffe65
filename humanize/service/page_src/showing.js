// Velocities by the settings, and everything that shows them.
import { complain } from "./messages.js";
import { shaped, summary } from "./music.js";

const $ = (id) => document.getElementById(id);

export class Showing {
  #page;

  /** `page` has state, settings, parts, editing and view. */
  constructor(page) {
    this.#page = page;
  }

  reshape() {
    const { state, settings, parts, editing, view } = this.#page;
    const { music, interpretation } = state;
    if (!music) return;
    const edits = new Map(editing.edits);
    const { base, passages } = settings;
    const { changes, amount } = parts.read();
    state.after = shaped(music, interpretation, { settings: base, passages, edits, changes, amount });
    settings.show(this.#modelMean(changes));
    const none = parts.chosen()?.length === 0;
    $("download").disabled = $("download-midi").disabled = none;
    complain(none ? new Error("No track is chosen; choose at least one to change something.") : null);
    $("download").textContent = state.heardAs === "performed" ? "Download performance" : "Download";
    $("download-midi").hidden = !music.isScore || state.heardAs === "performed";
    this.#describe("before", music.before);
    this.#describe("after", state.after);
    editing.show();
    view.draw();
  }

  /** The mean of what the model says, whatever the sliders do with it. */
  #modelMean(changes) {
    const { state, settings } = this.#page;
    const plain = { ...settings.base, strength: 1, contrast: 1, mean: null };
    return summary(shaped(state.music, state.interpretation, { settings: plain, changes, amount: () => 1 })).mean;
  }

  #describe(which, velocities) {
    const { mean, low, high } = summary(velocities);
    const text = low === high ? `all ${low}` : `${low} to ${high}, mean ${mean.toFixed(0)}`;
    $(`${which}-summary`).textContent = text;
    if (which === (this.#page.state.heardAs === "before" ? "before" : "after")) {
      $("roll").setAttribute("aria-label", `Piano roll ${which}: velocities ${text}`);
    }
  }
}
