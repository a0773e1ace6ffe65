// Plays notes on the piano a little ahead of the audio clock, so that whatever velocities are in
// force when a note comes up are heard: a switch or a slider needs no restart.
import { WorkletSynthesizer } from "spessasynth_lib";
import { DRUM_KIT, soundOf } from "./instruments.js";
import { fetchStatic } from "./service.js";

const AHEAD_SEC = 0.15;
const EVERY_MS = 30;
const PEDAL = 64;
const DRUM_CHANNEL = 9;
const CHANNELS = 16;

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
  #notes = [];
  #version = null;
  #channels = { of: () => 0, sounds: new Map() };
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
    this.#notes = music.notes;
    this.#channels = channelsOf(music.notes);
    this.#version = version;
    this.#events = timeline(music.notes, version, this.#channels);
    this.length = version.length;
  }

  /** Hear another version from the same spot of the music on. */
  change(version) {
    const spot = this.spot();
    this.#version = version;
    this.#events = timeline(this.#notes, version, this.#channels);
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
      await this.#context.resume();
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
    this.#next = this.#events.findIndex((event) => event.at >= this.position);
    if (this.#next < 0) this.#next = this.#events.length;
    const pedals = new Map();
    for (const event of this.#events.slice(0, this.#next)) {
      if (event.pedal !== undefined) pedals.set(event.channel, event.pedal);
    }
    for (const [channel, pedal] of pedals) this.#send({ at: this.position, channel, pedal });
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
    if (event.pedal !== undefined) {
      for (const c of channel === null ? this.#channels.sounds.keys() : [channel]) {
        if (c !== DRUM_CHANNEL) this.#synth.controllerChange(c, PEDAL, event.pedal, when);
      }
    } else if (event.note < 0) this.#synth.noteOff(channel, pitch, when);
    else {
      const velocity = this.velocityOf(event.note);
      if (velocity > 0) this.#synth.noteOn(channel, pitch, velocity, when);
    }
  }
}

/** A channel for each sound and channel of the file; drums on theirs. */
function channelsOf(notes) {
  const places = new Map();
  const sounds = new Map();
  const free = [...Array(CHANNELS).keys()].filter((c) => c !== DRUM_CHANNEL);
  const key = (note) => `${note.channel} ${soundOf(note.program)}`;
  for (const note of notes) {
    if (note.drum) {
      sounds.set(DRUM_CHANNEL, DRUM_KIT);
      continue;
    }
    if (places.has(key(note))) continue;
    const own = free.includes(note.channel) ? note.channel : free[0];
    const alike = [...sounds].find(([c, sound]) => c !== DRUM_CHANNEL && sound === soundOf(note.program));
    const channel = own ?? alike?.[0] ?? 0;
    if (own !== undefined) free.splice(free.indexOf(own), 1);
    places.set(key(note), channel);
    if (!sounds.has(channel)) sounds.set(channel, soundOf(note.program));
  }
  const of = (note) => (note.drum ? DRUM_CHANNEL : places.get(key(note)));
  const ofFile = new Map(notes.filter((n) => !n.drum).map((n) => [n.channel, of(n)]));
  return { of, ofFile, sounds };
}

/** Note-ons, note-offs and pedal in order; a note ends where the same key is struck again. */
function timeline(notes, version, channels) {
  const pedals = version.pedal.filter(([, channel]) => channel === null || channels.ofFile.has(channel));
  const events = pedals.map(([at, channel, pedal]) => ({
    at, rank: 1, channel: channel === null ? null : channels.ofFile.get(channel), pedal,
  }));
  const sounding = new Map();
  const { start, stop } = version;
  const order = notes.map((_, i) => i).sort((a, b) => start[a] - start[b]);
  for (const i of order) {
    const { pitch } = notes[i];
    const channel = channels.of(notes[i]);
    const key = channel * 128 + pitch;
    const last = sounding.get(key);
    if (last && last.at > start[i]) last.at = start[i];
    const off = { at: Math.max(stop[i], start[i] + 0.03), rank: 0, channel, pitch, note: -1 };
    sounding.set(key, off);
    events.push({ at: start[i], rank: 2, channel, pitch, note: i }, off);
  }
  return events.sort((a, b) => a.at - b.at || a.rank - b.rank);
}
