// Everything that is drawn: the roll, the curve, the tempo, the score, and where the music is.
import { bandsOf, drawCurve, drawRoll, drawTempo, noteAt, RULER, tempoCurve } from "./roll.js";
import { upper } from "./playing.js";

const FIRST_VIEW_SEC = 24;
const $ = (id) => document.getElementById(id);

export class View {
  #state;
  #score;
  #waiting = 0;
  #bands = new Map();
  #tempo = [];
  #sounding = "";
  #rows = [];
  from = 0;
  span = FIRST_VIEW_SEC;

  /** `state` has music, after, heard velocities, version, selected, passage; `score` the engraving. */
  constructor(state, score) {
    this.#state = state;
    this.#score = score;
  }

  load(music) {
    this.from = 0;
    this.span = Math.max(4, Math.min(music.length, FIRST_VIEW_SEC));
    this.#bands = bandsOf(music);
    this.#sounding = "";
    this.#rows = [];
  }

  /** The version that is heard has changed. */
  retime() {
    const { music, version, heard } = this.#state;
    $("tempo").hidden = heard() !== "performed";
    this.#tempo = heard() === "performed" ? tempoCurve(music, version) : [];
    this.draw();
  }

  draw() {
    this.#waiting ||= requestAnimationFrame(() => {
      this.#waiting = 0;
      if (this.#state.music) this.#drawNow();
    });
  }

  scene() {
    const { music, after, version, selected, passage, lively } = this.#state;
    const velocities = this.#state.heardVelocities();
    const showAfter = this.#state.heard() !== "before";
    return { music, bands: this.#bands, velocities, after, version, selected, passage, lively, showAfter, view: this, tempo: this.#tempo };
  }

  #drawNow() {
    const scene = this.scene();
    drawRoll($("roll"), scene);
    drawCurve($("curve"), scene);
    if (!$("tempo").hidden) drawTempo($("tempo"), scene);
    this.#score.paint(scene.velocities, scene.selected, scene.passage);
    this.place();
  }

  /** Put the line and the cursor where the music is. */
  place() {
    const { music, player } = this.#state;
    const spot = player.spot();
    const share = (spot - this.from) / this.span;
    $("head").style.transform = `translateX(${share * $("roll").clientWidth}px)`;
    $("head").hidden = share < 0 || share > 1;
    $("seek").value = String(spot);
    $("time").textContent = `${clockText(player.now())} / ${clockText(player.length)}`;
    $("seek").setAttribute("aria-valuetext", $("time").textContent);
    $("play").dataset.clock = player.clock.toFixed(3);
    $("play").dataset.level = player.level.toFixed(5);
    this.#followScore(music, spot);
  }

  #followScore(music, spot) {
    const last = upper(music.starts, spot + 0.02) - 1;
    if (last < 0) return;
    const start = music.starts[last];
    const rows = [];
    for (let k = last; k >= 0 && music.starts[k] >= start - 0.005; k--) rows.push(music.order[k]);
    const key = rows.join();
    if (key === this.#sounding) return;
    this.#sounding = key;
    this.#rows = rows;
    this.#score.follow(rows);
  }

  /** Another page of the score is shown: its cursor is to be placed. */
  followAgain() {
    this.#score.follow(this.#rows, false);
    this.draw();
  }

  /** Keep the music in view while it plays. */
  follow() {
    const spot = this.#state.player.spot();
    if (spot > this.from + this.span * 0.92 || spot < this.from) this.move(spot - this.span * 0.1);
    this.place();
  }

  move(from, span = this.span) {
    const length = Math.max(this.#state.music.length, 1);
    this.span = Math.min(Math.max(span, 2), Math.max(length, 4));
    this.from = Math.max(0, Math.min(from, length - this.span));
    this.draw();
  }

  show(second) {
    if (second < this.from || second > this.from + this.span) this.move(second - this.span * 0.1);
  }

  secondAt(event) {
    const box = $("roll").getBoundingClientRect();
    return this.from + ((event.clientX - box.left) / box.width) * this.span;
  }

  measureAt(second) {
    const { measures } = this.#state.music;
    return measures.findLast(([, start]) => start <= second + 1e-6)?.[0] ?? measures[0]?.[0] ?? 1;
  }

  /** The note under the pointer, or -1. */
  noteAt(event) {
    const box = $("roll").getBoundingClientRect();
    const y = event.clientY - box.top;
    return y < RULER ? -1 : noteAt($("roll"), this.scene(), event.clientX - box.left, y);
  }

  inRuler(event) {
    return event.clientY - $("roll").getBoundingClientRect().top < RULER;
  }
}

function clockText(second) {
  const whole = Math.max(0, Math.floor(second));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
