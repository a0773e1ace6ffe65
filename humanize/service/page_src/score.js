// The engraved score: note heads in the colours of their velocities, a cursor, notes to click.
import { within } from "./music.js";
import { COLOURS } from "./shaping.js";
import { unpackScore } from "./zip.js";

const [SCALE, SMALL_SCALE, SMALL] = [38, 28, 600]; // percent of Verovio's own size; of boxes under 600 pixels
const DECODERS = [[[0xff, 0xfe], "utf-16le"], [[0xfe, 0xff], "utf-16be"]];

export class Score {
  #box;
  #worker = null;
  #waiting = new Map();
  #number = 0;
  #turn = 0;
  #music = null;
  #rows = new Map(); // of each mark the notes as played
  #held = new Map(); // the same of heads that a tie continues
  #page = 0;
  #shown = 0;
  #pageOf = new Map();
  #ids = new Map();
  #lit = [];
  pages = 0;
  onpick = () => {};
  onpage = () => {};

  constructor(box, cursor) {
    this.#box = box;
    this.cursor = cursor;
    box.addEventListener("click", (event) => this.#pick(event));
  }

  /** Engrave a file. Returns whether there is anything to show. */
  async load(music, bytes) {
    const turn = ++this.#turn;
    this.clear();
    if (!music.isScore) return false;
    const text = music.answer.mei ?? (await scoreText(bytes));
    this.#music = music;
    music.notes.forEach((note, i) => {
      if (!note.mark) return;
      if (!this.#rows.has(note.mark)) this.#rows.set(note.mark, []);
      this.#rows.get(note.mark).push(i);
    });
    const known = await this.#ask("load", { text, marks: this.#marks(), layout: this.#layout() });
    if (turn !== this.#turn) return false;
    this.#rename(known.ids);
    this.#hold(known.ties);
    this.#take(known);
    await this.show(1);
    return turn === this.#turn && this.#box.querySelector("g.note") !== null;
  }

  clear() {
    this.#music = null;
    this.#rows.clear();
    this.#held.clear();
    this.#page = this.#shown = this.pages = 0;
    this.#lit = [];
    this.#box.replaceChildren();
    this.cursor.hidden = true;
  }

  /** Break the lines anew for another width. */
  async resize() {
    if (!this.#music || !this.pages) return;
    const turn = this.#turn;
    const known = await this.#ask("layout", { marks: this.#marks(), layout: this.#layout() });
    if (turn !== this.#turn) return;
    this.#take(known);
    await this.show(Math.min(this.#page, this.pages), true);
  }

  async show(page, again = false) {
    if (page < 1 || page > this.pages || (page === this.#page && !again)) return;
    this.#page = page;
    const turn = this.#turn;
    const svg = await this.#ask("page", { page });
    if (turn !== this.#turn || page !== this.#page) return;
    this.#draw(svg);
    this.#shown = page;
    this.onpage(page, this.pages);
  }

  turn(by) {
    return this.show(this.#page + by);
  }

  /** Colour the heads of the page by what is heard. */
  paint(velocities, selected, passage) {
    if (!this.#music) return;
    const marked = (group) => {
      const rows = [...group.querySelectorAll("g.note")].map(({ id }) => this.#rows.get(id)).find(Boolean);
      return Boolean(passage && rows?.some((i) => within(this.#music.notes[i], passage.from, passage.to)));
    };
    for (const measure of this.#box.querySelectorAll("g.measure")) measure.classList.toggle("marked", marked(measure));
    for (const group of this.#box.querySelectorAll("g.note")) {
      const rows = this.#rowsOf(group);
      if (!rows) continue;
      const mean = rows.reduce((sum, i) => sum + velocities[i], 0) / rows.length;
      const head = group.querySelector(".notehead") ?? group;
      head.style.fill = COLOURS[Math.round(mean)];
      head.style.color = COLOURS[Math.round(mean)];
      group.classList.toggle("picked", rows.includes(selected));
    }
  }

  /** Put the cursor at the notes that sound, and turn the page to them if wanted. */
  follow(rows, turns = true) {
    if (!this.#music) return;
    const marks = rows.map((i) => this.#ids.get(this.#music.notes[i].mark)).filter(Boolean);
    const page = this.#pageOf.get(marks[0]) ?? 0;
    if (turns && page && page !== this.#page) this.show(page);
    for (const group of this.#lit) group.classList.remove("sounding");
    this.#lit = marks.map((mark) => this.#box.querySelector(`#${CSS.escape(mark)}`)).filter(Boolean);
    for (const group of this.#lit) group.classList.add("sounding");
    this.#place();
  }

  #place() {
    const system = this.#lit[0]?.closest("g.system");
    this.cursor.hidden = !system;
    if (!system) return;
    const outer = this.#box.getBoundingClientRect();
    const line = system.getBoundingClientRect();
    const heads = this.#lit.map((g) => (g.querySelector(".notehead") ?? g).getBoundingClientRect());
    const left = Math.min(...heads.map((head) => head.left + head.width / 2));
    const top = line.top - outer.top + this.#box.scrollTop;
    Object.assign(this.cursor.style, { left: `${left - outer.left}px`, top: `${top}px`, height: `${line.height}px` });
    const bottom = top + line.height;
    if (top < this.#box.scrollTop || bottom > this.#box.scrollTop + outer.height) this.#box.scrollTop = top - 4;
  }

  #draw(svg) {
    useFont(svg);
    // the page's policy allows no style inside a picture; style.css has the rules that count
    const plain = svg.replace(/<style[\s\S]*?<\/style>/g, "").replace(/\sstyle="[^"]*"/g, "");
    const picture = new DOMParser().parseFromString(plain, "image/svg+xml").documentElement;
    picture.setAttribute("aria-hidden", "true");
    this.#box.replaceChildren(document.importNode(picture, true), this.cursor);
    this.#box.scrollTop = 0;
    this.#lit = [];
    this.cursor.hidden = true;
  }

  #pick({ target, shiftKey }) {
    const rows = this.#rowsOf(target.closest?.("g.note"));
    if (rows) this.onpick(rows[0], shiftKey);
  }

  #rowsOf(group) {
    return this.#rows.get(group?.id) ?? this.#held.get(group?.id);
  }

  #marks() {
    return [...this.#rows.keys()];
  }

  /** Call notes by the ids that the engraving has. */
  #rename(ids) {
    const marks = this.#marks();
    this.#ids = new Map(marks.map((mark, k) => [mark, ids[k]]));
    this.#rows = new Map(marks.filter((_, k) => ids[k]).map((mark) => [this.#ids.get(mark), this.#rows.get(mark)]));
  }

  /** Let heads that a tie continues stand for the note that was struck. */
  #hold(ties) {
    const before = new Map(ties.map(([start, end]) => [end, start]));
    for (const end of before.keys()) {
      let first = end;
      for (let steps = 0; before.has(first) && steps < ties.length; steps++) first = before.get(first);
      if (!this.#rows.has(end) && this.#rows.has(first)) this.#held.set(end, this.#rows.get(first));
    }
  }

  #take({ pages, pageOf, ids }) {
    this.pages = pages;
    const names = ids ?? this.#marks();
    this.#pageOf = new Map(names.map((id, i) => [id, pageOf[i]]));
  }

  #layout() {
    const { clientWidth, clientHeight } = this.#box;
    const scale = clientWidth < SMALL ? SMALL_SCALE : SCALE;
    const size = (pixels, least) => Math.round((Math.max(pixels, least) * 100) / scale);
    return { pageWidth: size(clientWidth, 300), pageHeight: size(clientHeight, 160), scale };
  }

  #ask(task, rest) {
    if (!this.#worker) {
      this.#worker = new Worker("static/engraver.worker.js");
      this.#worker.onmessage = ({ data }) => this.#answer(data);
      this.#worker.onerror = () => this.#fail();
    }
    const number = ++this.#number;
    return new Promise((done, failed) => {
      this.#waiting.set(number, { done, failed });
      this.#worker.postMessage({ number, task, ...rest });
    });
  }

  #answer({ number, result, error }) {
    const { done, failed } = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (error) failed(new Error(error));
    else done(result);
  }

  #fail() {
    for (const { failed } of this.#waiting.values()) failed(new Error("the engraver did not start"));
    this.#waiting.clear();
    this.#worker = null;
  }
}

/** The score's text, every note of MusicXML with its place as an id. */
async function scoreText(bytes) {
  const packed = new Uint8Array(bytes.slice(0, 2));
  const content = packed[0] === 0x50 && packed[1] === 0x4b ? await unpackScore(bytes) : new Uint8Array(bytes);
  const mark = DECODERS.find(([start]) => start.every((byte, i) => content[i] === byte));
  const text = new TextDecoder(mark?.[1] ?? "utf-8").decode(content);
  if (!/<score-(partwise|timewise)/.test(text)) return text;
  let place = 0;
  return text.replace(/<note(?=[\s>])([^>]*)>/g, (_, rest) => `<note id="v${place++}"${rest.replace(/\sid\s*=\s*(".*?"|'.*?')/, "")}>`);
}

let font = null;
/** The font of signs within words, which Verovio puts into its pictures, for the whole page. */
function useFont(svg) {
  const data = font ? null : svg.match(/font-family:\s*'(\w+)'[\s\S]*?base64,([A-Za-z0-9+/=]+)/);
  if (!data) return;
  const bytes = Uint8Array.from(atob(data[2]), (letter) => letter.charCodeAt(0));
  font = new FontFace(data[1], bytes);
  font.load().then((loaded) => document.fonts.add(loaded), () => {});
}
