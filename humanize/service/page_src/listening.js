// What is heard and from where: before, after or the performance; play, seek, zoom and their keys.
import { complain, say, sayWhatItIs } from "./messages.js";
import { performedVersion, writtenVersion } from "./music.js";

const $ = (id) => document.getElementById(id);

export class Listening {
  #page;
  #last = "after"; // what was heard last, other than before

  /** `page` has state, player, view, score, settings, interpretations, editing and showing. */
  constructor(page) {
    this.#page = page;
    page.player.onend = () => {
      this.showPlay();
      page.view.draw();
    };
    this.#wire();
  }

  /** The version that is heard, from where the music is now. */
  retime() {
    const { state, player, view, settings, interpretations } = this.#page;
    const performed = state.heardAs === "performed" && interpretations.canPerform;
    state.version = performed ? performedVersion(state.music, state.interpretation, settings.amounts()) : writtenVersion(state.music);
    player.change(state.version);
    view.retime();
  }

  hear(which) {
    this.#page.state.heardAs = which;
    document.querySelector(`input[name=heard][value=${which}]`).checked = true;
  }

  choose(which) {
    const { state, interpretations, showing } = this.#page;
    this.hear(which);
    if (which === "performed" && !interpretations.canPerform) {
      say("Working out tempo, timing and pedal …");
      interpretations.fetch("model").then(() => sayWhatItIs(state.music));
    }
    this.retime();
    showing.reshape();
  }

  showPlay() {
    $("play").textContent = this.#page.player.playing ? "❚❚ Pause" : "▶ Play";
  }

  async toggle() {
    const { state, player, view } = this.#page;
    if (!state.music) return;
    if (player.playing) {
      player.pause();
      this.showPlay();
      view.draw();
      return;
    }
    const started = player.play();
    this.showPlay();
    try {
      await started;
      this.#step();
    } catch (error) {
      complain(error);
    }
    this.showPlay();
  }

  #step() {
    const { state, player, view } = this.#page;
    if (!player.playing || !state.music) return;
    view.follow();
    requestAnimationFrame(() => this.#step());
  }

  #wire() {
    const { state, player, view, score } = this.#page;
    $("play").addEventListener("click", () => this.toggle());
    for (const radio of document.querySelectorAll("input[name=heard]")) {
      radio.addEventListener("change", () => this.choose(radio.value));
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
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const { state, editing } = this.#page;
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
      this.toggle();
    } else if (event.key.toLowerCase() === "b" && !typing) {
      this.choose(state.heardAs === "before" ? this.#last : "before");
    }
    if (state.heardAs !== "before") this.#last = state.heardAs;
  }
}
