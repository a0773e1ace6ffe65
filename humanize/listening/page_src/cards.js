// One card for each sound of a trial: what plays it, and what tells how often it was heard.
import { h } from "./html.js";

const SAY = { loading: "Loading…", ready: "Play", playing: "Pause" };

/**
 * A sound that is played in the page.
 *
 * @param {import("./sounds.js").Sound} sound
 * @param {{letter: string, count?: boolean, onchange: (said: string) => void}} options `count`:
 *   whether the card says if the sound was heard yet
 */
export function playerCard(sound, { letter, count = true, onchange }) {
  const face = h("span", { class: "face", "aria-hidden": "true" }, letter);
  const label = h("span");
  const play = h("button", { type: "button", class: "play", click: () => sound.toggle() }, face, label);
  const again = h("button", { type: "button", class: "again", "aria-label": `${letter} from the start`, click: () => sound.restart() }, "From the start");
  const done = h("div", { class: "done" });
  const note = h("p", { class: "note" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const element = h("section", { class: "card", "aria-label": `Sound ${letter}` },
    h("div", { class: "row" }, play, again), h("div", { class: "bar", "aria-hidden": "true" }, done), note, trouble);
  let heard = 0;

  function show() {
    const failed = sound.state === "failed";
    label.textContent = sound.wanted ? SAY.loading : SAY[sound.state] ?? SAY.ready;
    play.setAttribute("aria-label", `${label.textContent} ${letter}`);
    play.classList.toggle("playing", sound.state === "playing");
    play.disabled = again.disabled = failed;
    note.hidden = failed || !count;
    note.textContent = heard ? "Heard to the end" : "Not yet heard to the end";
    done.style.width = `${100 * sound.position}%`;
    if (failed === trouble.hidden) tellTrouble(failed);
  }

  function tellTrouble(failed) {
    trouble.hidden = !failed;
    const retry = h("button", { type: "button", click: () => sound.load() }, "Try again");
    trouble.replaceChildren(...(failed ? [`Sound ${letter} (${sound.file}) could not be loaded. `, retry] : []));
  }

  const events = {
    change: () => (show(), onchange(sound.state === "playing" ? `${letter} is playing` : "")),
    progress: show,
    heard: () => ((heard += 1), show(), onchange(`${letter} was heard to its end`)),
  };
  for (const [name, listener] of Object.entries(events)) sound.addEventListener(name, listener);
  show();
  if (sound.state === "failed") sound.load(); // it failed ahead of need: once more
  return {
    element,
    heard: () => heard,
    toggle: () => play.disabled || sound.toggle(),
    close() {
      for (const [name, listener] of Object.entries(events)) sound.removeEventListener(name, listener);
      sound.pause();
    },
  };
}

/** A MIDI file, to be played elsewhere; the rater says that it was heard. */
export function fileCard(file, { letter, count = true, onchange }) {
  const link = h("a", { class: "button", href: file, download: true }, `${letter} (MIDI)`);
  const tick = h("input", { type: "checkbox", change: () => onchange("") });
  const element = h("section", { class: "card", "aria-label": `Sound ${letter}` },
    link, count && h("label", { class: "tick" }, tick, ` I have listened to ${letter}`));
  return { element, heard: () => Number(tick.checked), toggle: () => link.click(), close() {} };
}
