// Keeps a rater's answers: in this browser, and on the server that the page came from, if any.
import { chainOf, countValid, makeLine } from "./chain.js";

const PATIENCE_MS = 20_000;

/** What the page cannot mend by itself, said in words for the rater. */
export class AnswersError extends Error {}

export class Answers extends EventTarget {
  /** @param {boolean} served whether the page came from a server, which then stores answers */
  constructor(packet, code, served) {
    super();
    Object.assign(this, { packet, code, served });
    this.key = `humanize-listen-${packet.key_sha256}-${code}`;
    this.address = `answers/${code}`;
    this.lines = [];
    this.sent = 0;
    this.saved = false; // whether the rater has a file of all answers
    this.stored = true; // whether this browser keeps the lines over a reload
    this.conflict = false; // whether the server has other answers under this code
    this.inDoubt = false; // after a failure: what has arrived must be asked for
    this.sending = null;
  }

  get unsent() {
    return this.served ? this.lines.length - this.sent : 0;
  }

  /** Whether closing the page would lose answers. */
  get atRisk() {
    return !this.stored && !this.saved && (this.served ? this.unsent > 0 : this.lines.length > 0);
  }

  get total() {
    return this.packet.raters[this.code].length;
  }

  get completionCode() {
    return (chainOf(this.lines.at(-1)) ?? "").slice(0, 8).toUpperCase();
  }

  /** Reads what was answered before. */
  async open() {
    const here = this.#recall();
    const there = this.served ? await this.#fetch() : [];
    if (countValid(this.packet, this.code, there) < there.length) {
      throw new AnswersError("The answers stored under this code do not belong to this test. Tell whoever sent you here.");
    }
    const ahead = there.every((line, index) => line === here[index]);
    if (!ahead && here.length) this.#keep(`${this.key}-set-aside`, here); // never thrown away
    this.lines = ahead ? here : there;
    this.sent = there.length;
    this.#keep(this.key, this.lines);
    if (this.unsent) this.send();
  }

  add(answer) {
    const place = this.lines.length;
    const { packet, code } = this;
    this.lines.push(makeLine({ packet, code, place, previous: this.lines.at(-1), answer }));
    this.#keep(this.key, this.lines);
    this.saved = false;
    this.send();
  }

  /** Sends what is not sent yet, in order. Never fails: what could not be sent stays unsent. */
  send() {
    this.sending ??= this.#sendAll().finally(() => {
      this.sending = null;
      this.#tell();
    });
    this.#tell();
    return this.sending;
  }

  async #sendAll() {
    if (!this.served) return;
    try {
      if (this.inDoubt) await this.#compare();
      while (this.unsent) {
        await this.#post(this.lines[this.sent]);
        this.sent += 1;
        this.#tell();
      }
    } catch (error) {
      this.inDoubt = true; // to be tried again later
      if (!(error instanceof AnswersError)) throw error;
    }
  }

  /** An answer may have arrived though its receipt did not: it must not be sent twice. */
  async #compare() {
    const there = await this.#fetch();
    this.conflict = there.some((line, index) => line !== this.lines[index]);
    if (this.conflict) throw new AnswersError("Other answers are stored under this code.");
    this.sent = there.length;
    this.inDoubt = false;
  }

  async #fetch() {
    const reply = await this.#ask({ cache: "no-store" });
    if (reply.status === 404) return [];
    if (!reply.ok) throw refused(reply);
    return linesOf(await reply.text());
  }

  async #post(line) {
    const headers = { "Content-Type": "application/json" };
    // keepalive: the last answer arrives though the window is closed
    const reply = await this.#ask({ method: "POST", headers, body: line, keepalive: true });
    if (!reply.ok) throw refused(reply);
  }

  async #ask(options) {
    try {
      return await fetch(this.address, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      throw new AnswersError("The server could not be reached. Please try again.");
    }
  }

  #recall() {
    try {
      const lines = linesOf(localStorage.getItem(this.key) ?? "");
      return lines.slice(0, countValid(this.packet, this.code, lines));
    } catch {
      this.stored = false; // switched off, or forbidden for pages from disk
      return [];
    }
  }

  #keep(key, lines) {
    try {
      localStorage.setItem(key, lines.join("\n"));
    } catch {
      this.stored = false; // as above, or full
    }
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** Hands the rater a file of all answers so far. */
  download() {
    const url = URL.createObjectURL(new Blob(this.lines.map((line) => `${line}\n`), { type: "application/jsonl" }));
    const link = document.createElement("a");
    Object.assign(link, { href: url, download: `answers-${this.code}.jsonl` });
    link.click();
    this.saved = true;
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
  }
}

const refused = ({ status }) => new AnswersError(`The server answered with the error ${status}. Please try again.`);
const linesOf = (text) => text.split("\n").filter((line) => line.trim());
