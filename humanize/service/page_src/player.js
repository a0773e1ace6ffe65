// Plays notes on the piano a little ahead of the audio clock, so that whatever velocities are in
// force when a note comes up are heard: a switch or a slider needs no restart.
import { WorkletSynthesizer } from "spessasynth_lib";
import { upper } from "./playing.js";
import { fetchStatic } from "./service.js";
import { channelsOf, DRUM_CHANNEL, OFF, PEDAL_MOVES, timeline } from "./timeline.js";

const AHEAD_SEC = 0.15;
const EVERY_MS = 30;
const PEDAL = 64;

const LONGEST_SEC = 5; // that a sound device is waited for
const NOTHING = { at: [], kind: [], index: [], pedals: [] };

export class Player {
  #synth = null;
  #context = null;
  #meter = null;
  #opening = null;
  #events = NOTHING;
  #next = 0;
  #startedAt = 0;
  #timer = 0;
  #run = 0;
  #music = null;
  #version = null;
  #channels = { of: [], sounds: new Map() };
  #loaded = new Set();
  playing = false;
  position = 0;
  length = 0;
  velocityOf = () => 64; // 0 for a note that is not heard
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

  /** Take a new file: `music`, and the version of it that is heard first. */
  load(music, version) {
    this.pause();
    this.position = 0;
    this.#music = { notes: music.notes, order: Int32Array.from(music.order), byStop: Int32Array.from(music.byStop) };
    this.#channels = channelsOf(music.notes);
    this.#version = version;
    this.#events = timeline(this.#music, version, this.#channels);
    this.length = version.length;
  }

  /** Hear another version from the same spot of the music on. */
  change(version) {
    const spot = this.spot();
    this.#version = version;
    this.#events = timeline(this.#music, version, this.#channels);
    this.length = version.length;
    this.seek(version.played(spot));
  }

  /** Where the music is, in seconds as it is written. */
  spot() {
    return this.#version ? this.#version.written(this.now()) : 0;
  }

  /** Must be called from a click or key first: browsers start no sound on their own. */
  async play() {
    const run = ++this.#run;
    this.playing = true;
    try {
      await (this.#opening ??= this.#open());
      await answered(this.#context.resume());
      await this.#fetchSounds();
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
    await synth.isReady;
    this.#synth = synth;
  }

  /** Get the sounds that this music needs and no music before it did. */
  async #fetchSounds() {
    const wanted = new Set([0, ...this.#channels.sounds.values()]);
    for (const sound of wanted) {
      if (this.#loaded.has(sound)) continue;
      await this.#synth.soundBankManager.addSoundBank(await fetchStatic(`static/sounds/${sound}.sf3`), String(sound));
      this.#loaded.add(sound);
    }
    for (const [channel, sound] of this.#channels.sounds) {
      if (channel !== DRUM_CHANNEL) this.#synth.programChange(channel, sound);
    }
  }

  /** Put the pedals where they stand here and find the first event to come. */
  #seat() {
    this.#startedAt = this.clock + 0.05 - this.position;
    this.#next = upper(this.#events.at, this.position - 1e-9);
    const standing = new Map();
    for (const [at, channel, value] of this.#events.pedals) {
      if (at >= this.position) break;
      standing.set(channel, value);
    }
    for (const [channel, value] of standing) this.#movePedal(channel, value, { time: this.#startedAt + this.position });
  }

  #tick() {
    const until = this.clock + AHEAD_SEC - this.#startedAt;
    const { at } = this.#events;
    while (this.#next < at.length && at[this.#next] <= until) this.#send(this.#next++);
    if (this.now() >= this.length) {
      this.pause();
      this.position = 0;
      this.onend();
    }
  }

  #send(k) {
    const { at, kind, index, pedals } = this.#events;
    const when = { time: this.#startedAt + at[k] };
    const i = index[k];
    if (kind[k] === PEDAL_MOVES) {
      this.#movePedal(pedals[i][1], pedals[i][2], when);
      return;
    }
    const [channel, { pitch }] = [this.#channels.of[i], this.#music.notes[i]];
    if (kind[k] === OFF) {
      this.#synth.noteOff(channel, pitch, when);
      return;
    }
    const velocity = this.velocityOf(i);
    if (velocity > 0) this.#synth.noteOn(channel, pitch, velocity, when);
  }

  /** Move the pedal of a channel, or of all. */
  #movePedal(channel, value, when) {
    for (const c of channel === null ? this.#channels.sounds.keys() : [channel]) {
      if (c !== DRUM_CHANNEL) this.#synth.controllerChange(c, PEDAL, value, when);
    }
  }
}

/** What a browser begins once its sound device answers, which without one is never. */
function answered(begun) {
  const words = "No sound comes: this computer's sound device does not answer. Is one there, and free?";
  return new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(words)), LONGEST_SEC * 1000);
    begun.then(done, failed).finally(() => clearTimeout(late));
  });
}
