// Plays notes on the piano a little ahead of the audio clock, so that whatever velocities are in
// force when a note comes up are heard: a switch or a slider needs no restart.
import { WorkletSynthesizer } from "spessasynth_lib";
import { fetchStatic } from "./service.js";

const AHEAD_SEC = 0.15;
const EVERY_MS = 30;
const PEDAL = 64;

export class Player {
  #synth = null;
  #context = null;
  #meter = null;
  #opening = null;
  #events = [];
  #next = 0;
  #startedAt = 0;
  #timer = 0;
  #run = 0;
  playing = false;
  position = 0;
  length = 0;
  velocityOf = () => 64;
  onend = () => {};

  /** Seconds of the audio clock; 0 before the first note was asked for. */
  get clock() {
    return this.#context?.currentTime ?? 0;
  }

  /** Loudest sample of the last moment, 0 to 1. */
  get level() {
    if (!this.#meter) return 0;
    const samples = new Float32Array(this.#meter.fftSize);
    this.#meter.getFloatTimeDomainData(samples);
    return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  }

  load(music) {
    this.pause();
    this.position = 0;
    this.length = music.length;
    this.#events = timeline(music);
  }

  /** Must be called from a click or key first: browsers start no sound on their own. */
  async play() {
    const run = ++this.#run;
    this.playing = true;
    try {
      await (this.#opening ??= this.#open());
      await this.#context.resume();
    } catch (error) {
      this.playing = false;
      this.#opening = null;
      throw error;
    }
    if (run !== this.#run) return;
    if (this.position >= this.length) this.position = 0;
    this.#seat();
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
  }

  pause() {
    this.#run++;
    if (this.playing && this.#timer) this.position = this.now();
    this.playing = false;
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#silence();
    // notes that were already handed over for the next moment
    setTimeout(() => this.playing || this.#silence(), AHEAD_SEC * 1000 + 50);
  }

  seek(second) {
    this.position = Math.min(Math.max(second, 0), this.length);
    if (!this.#timer) return;
    this.#silence();
    this.#seat();
  }

  now() {
    if (!this.#timer) return this.position;
    return Math.min(this.length, Math.max(0, this.clock - this.#startedAt));
  }

  #silence() {
    if (!this.#synth) return;
    this.#synth.stopAll(true);
    for (let channel = 0; channel < 16; channel++) this.#synth.controllerChange(channel, PEDAL, 0);
  }

  async #open() {
    const Context = window.AudioContext;
    this.#context ??= new Context();
    if (!this.#context.audioWorklet) {
      throw new Error("This browser plays sound only on https or on this computer's own address.");
    }
    await this.#context.audioWorklet.addModule("static/spessasynth_processor.min.js");
    const synth = new WorkletSynthesizer(this.#context);
    this.#meter = this.#context.createAnalyser();
    synth.connect(this.#meter);
    this.#meter.connect(this.#context.destination);
    await synth.soundBankManager.addSoundBank(await fetchStatic("static/piano.sf3"), "piano");
    await synth.isReady;
    this.#synth = synth;
  }

  /** Put the pedals where they stand here and find the first event to come. */
  #seat() {
    this.#startedAt = this.clock + 0.05 - this.position;
    this.#next = this.#events.findIndex((event) => event.at >= this.position);
    if (this.#next < 0) this.#next = this.#events.length;
    const pedals = new Map();
    for (const event of this.#events.slice(0, this.#next)) {
      if (event.pedal !== undefined) pedals.set(event.channel, event.pedal);
    }
    for (const [channel, value] of pedals) this.#synth.controllerChange(channel, PEDAL, value);
  }

  #tick() {
    const until = this.clock + AHEAD_SEC - this.#startedAt;
    while (this.#next < this.#events.length && this.#events[this.#next].at <= until) {
      this.#send(this.#events[this.#next++]);
    }
    if (this.now() >= this.length) {
      this.pause();
      this.position = 0;
      this.onend();
    }
  }

  #send(event) {
    const when = { time: this.#startedAt + event.at };
    const { channel, pitch } = event;
    if (event.pedal !== undefined) this.#synth.controllerChange(channel, PEDAL, event.pedal, when);
    else if (event.note < 0) this.#synth.noteOff(channel, pitch, when);
    else this.#synth.noteOn(channel, pitch, this.velocityOf(event.note), when);
  }
}

/** Note-ons, note-offs and pedal in order; a note ends where the same key is struck again. */
function timeline(music) {
  const events = music.pedal.map(([at, channel, pedal]) => ({ at, rank: 1, channel, pedal }));
  const sounding = new Map();
  const order = music.notes.map((_, i) => i).filter((i) => !music.notes[i].drum);
  order.sort((a, b) => music.notes[a].start - music.notes[b].start);
  for (const i of order) {
    const { start, stop, channel, pitch } = music.notes[i];
    const key = channel * 128 + pitch;
    const last = sounding.get(key);
    if (last && last.at > start) last.at = start;
    const off = { at: Math.max(stop, start + 0.03), rank: 0, channel, pitch, note: -1 };
    sounding.set(key, off);
    events.push({ at: start, rank: 2, channel, pitch, note: i }, off);
  }
  return events.sort((a, b) => a.at - b.at || a.rank - b.rank);
}
