// From a file to music: what is read, what is said meanwhile, and what a new file starts with.
import { complain, isAbout, say, sayWhatItIs } from "./messages.js";
import { readMusic, writtenVersion } from "./music.js";
import { fetchStatic, fetchVelocities } from "./service.js";

const $ = (id) => document.getElementById(id);
const LONG_BYTES = 150_000; // of MIDI, more than ten thousand notes

export class Opening {
  #page;
  #asked;

  /**
   * `page` has state, player, parts, score, view, settings, interpretations, editing, listening and
   * showing; `asked()` gives the options that an answer depends on.
   */
  constructor(page, asked) {
    this.#page = page;
    this.#asked = asked;
  }

  async open(file, name) {
    const { player, listening } = this.#page;
    player.pause();
    listening.showPlay();
    complain(null);
    this.#showReading(name, file.size);
    await this.#read(file, name, true);
  }

  /** Open an example, unless a file is opened meanwhile. */
  async example(path) {
    const { state } = this.#page;
    const { turn } = state;
    try {
      const content = await fetchStatic(`static/examples/${path}`);
      if (turn === state.turn) await this.open(new Blob([content]), path);
    } catch (error) {
      complain(error);
    }
  }

  /** Read the same file with other options. */
  anew() {
    const { file, name } = this.#page.state;
    return this.#read(file, name, false);
  }

  /** The old file goes, and what is awaited is said. */
  #showReading(name, size) {
    this.#page.state.music = null;
    this.#page.score.clear();
    for (const id of ["work", "controls", "transport"]) $(id).hidden = true;
    $("reading").hidden = false;
    const long = size > LONG_BYTES ? ` It is long (${Math.round(size / 1000).toLocaleString("en")} kB): this may take half a minute.` : "";
    $("reading-text").textContent = `Reading ${name} …${long}`;
    $("title").textContent = "";
    say(`Reading ${name} …`);
  }

  async #read(file, name, fresh) {
    const { state } = this.#page;
    const turn = ++state.turn;
    isAbout(name);
    if (!fresh) say("Listening anew …");
    try {
      const [answer, bytes] = await Promise.all([fetchVelocities(file, this.#asked()), file.arrayBuffer()]);
      if (turn === state.turn) this.#show(answer, bytes, file, name, fresh);
    } catch (error) {
      if (turn !== state.turn) return;
      state.refused = error.status === 401 ? [file, name] : null;
      $("reading").hidden = true;
      say("");
      complain(error);
    }
  }

  #show(answer, bytes, file, name, fresh) {
    const { state, player, parts, view, interpretations, editing, showing } = this.#page;
    complain(null);
    const music = readMusic(answer, bytes);
    Object.assign(state, { file, name, music, selected: fresh ? -1 : state.selected });
    $("reading").hidden = true;
    for (const id of ["work", "controls", "transport"]) $(id).hidden = false;
    $("title").textContent = name;
    $("download-midi").hidden = !music.isScore;
    sayWhatItIs(music);
    state.version = writtenVersion(music);
    player.load(music, state.version);
    player.velocityOf = (i) => (parts.heard(state.music.notes[i]) ? state.heardVelocities()[i] : 0);
    if (fresh) this.#settle(music, bytes);
    interpretations.load(answer);
    view.retime();
    showing.reshape();
    if (fresh) editing.reset();
  }

  /** What a new file starts with: settings of its own, its tracks, its score. */
  #settle(music, bytes) {
    const { parts, view, settings, interpretations, listening } = this.#page;
    settings.clear();
    interpretations.reset();
    listening.hear("after");
    parts.load(music);
    $("parts-text").textContent = parts.count > 1 ? "What changes, and how much; M mutes, S plays alone." : "One part alone.";
    $("seek").max = String(music.length);
    $("passage-from").max = $("passage-to").max = String(music.measures.at(-1)?.[0] ?? 1);
    $("engraved").hidden = true;
    this.#engrave(music, bytes);
    view.load(music);
  }

  async #engrave(music, bytes) {
    const { state, score, view } = this.#page;
    if (!music.isScore) return;
    $("engraved").hidden = false;
    $("pages").hidden = true;
    try {
      const shown = await score.load(music, bytes);
      if (state.music === music) $("engraved").hidden = !shown;
    } catch {
      if (state.music === music) $("engraved").hidden = true; // the roll shows it all the same
    }
    view.draw();
  }
}
