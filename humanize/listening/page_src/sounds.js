// The sounds of a packet: loaded ahead of need, one heard at a time, counted when heard whole.
const TYPES = { flac: "audio/flac", opus: "audio/ogg; codecs=opus" };
const EDGE_S = 0.5; // the position is told about four times a second

let sounding = null; // the sound that is playing: there is never a second

/** Events: "change" of its state, "progress" while it plays, "heard" when it was heard whole. */
export class Sound extends EventTarget {
  /** @param {string} file beside the page  @param {boolean} served over http(s), not from disk */
  constructor(file, served) {
    super();
    Object.assign(this, { file, served, state: "loading", wanted: false, copy: "", released: false });
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.furthest = 0;
    this.#listen();
    this.load();
  }

  /** "loading", "ready", "playing" or "failed". */
  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  /**
   * From a server the whole file is fetched first: no gap while it plays, and servers without
   * byte ranges will do. A page from disk may not fetch, but its audio elements may read files.
   */
  async load() {
    this.#become("loading");
    try {
      const content = this.served && (await this.#fetch());
      if (this.released) return;
      this.copy = content ? URL.createObjectURL(content) : "";
      this.audio.src = this.copy || this.file;
      this.audio.load();
    } catch {
      this.#become("failed"); // whatever the cause, the rater is told and may try again
    }
  }

  async #fetch() {
    const reply = await fetch(this.file);
    if (!reply.ok) throw new Error(`${reply.status}`);
    return new Blob([await reply.arrayBuffer()], { type: TYPES[this.file.split(".").at(-1)] });
  }

  #listen() {
    const { audio } = this;
    audio.addEventListener("loadeddata", () => this.#loaded());
    audio.addEventListener("error", () => this.#failed());
    audio.addEventListener("playing", () => this.#become("playing"));
    audio.addEventListener("pause", () => this.state === "playing" && this.#become("ready"));
    audio.addEventListener("ended", () => this.#ended());
    audio.addEventListener("timeupdate", () => this.#advance());
    audio.addEventListener("seeking", () => this.#takeBack());
  }

  #loaded() {
    if (this.state === "loading") this.#become("ready");
    if (this.wanted) this.play();
  }

  #advance() {
    if (!this.audio.seeking) this.furthest = Math.max(this.audio.currentTime, this.furthest);
    this.dispatchEvent(new Event("progress"));
  }

  /** A server's policy may forbid to play the fetched copy: then the file is played directly. */
  #failed() {
    if (!this.copy) this.#become("failed");
    else {
      this.#forgetCopy();
      this.audio.src = this.file;
      this.#become("loading");
    }
  }

  #forgetCopy() {
    if (this.copy) URL.revokeObjectURL(this.copy);
    this.copy = "";
  }

  /** The page has no way to jump ahead, but media keys have: what was skipped is not heard. */
  #takeBack() {
    if (this.audio.currentTime > this.furthest + EDGE_S) this.audio.currentTime = this.furthest;
  }

  #ended() {
    this.#rewind();
    this.#become("ready");
    this.dispatchEvent(new Event("heard"));
  }

  #rewind() {
    this.audio.currentTime = 0;
    this.furthest = 0;
  }

  play() {
    if (sounding !== this) sounding?.pause();
    sounding = this;
    this.wanted = this.state === "loading";
    if (this.state !== "ready") return;
    this.audio.play().catch(() => this.state === "playing" && this.#become("ready")); // paused meanwhile
  }

  pause() {
    this.wanted = false;
    this.audio.pause();
  }

  toggle() {
    if (this.state === "playing" || this.wanted) this.pause();
    else this.play();
  }

  restart() {
    this.#rewind();
    this.play();
  }

  /** From 0 to 1. */
  get position() {
    return this.audio.duration ? this.audio.currentTime / this.audio.duration : 0;
  }

  release() {
    this.released = true;
    this.pause();
    this.#forgetCopy();
    this.audio.removeAttribute("src");
  }
}

/** Sounds by their files. */
export class Sounds {
  constructor(served) {
    this.served = served;
    this.held = new Map();
  }

  get(file) {
    if (!this.held.has(file)) this.held.set(file, new Sound(file, this.served));
    const sound = this.held.get(file);
    if (sound.state === "failed") sound.load(); // perhaps it failed ahead of need: once more
    return sound;
  }

  /** Holds these sounds and lets all others go. */
  keep(files) {
    for (const [file, sound] of this.held) {
      if (files.includes(file)) continue;
      sound.release();
      this.held.delete(file);
    }
    for (const file of files) this.get(file);
  }
}
