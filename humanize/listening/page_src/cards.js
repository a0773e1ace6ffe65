// One card for each sound of a trial: what plays it, and what tells how often it was heard.
import { h } from "./html.js";

/**
 * A sound that is played in the page.
 *
 * @param {import("./sounds.js").Sound} sound
 * @param {{letter: string, count?: boolean, onchange: (said: string) => void}} options `letter` is
 *   empty for a sound that stands alone; `count`: whether the card says if it was heard yet
 */
export function playerCard(sound, { letter, count = true, onchange }) {
  const name = letter || "The sound";
  const label = h("span");
  const play = h("button", { type: "button", class: "play", click: () => sound.toggle() },
    letter && h("span", { class: "face", "aria-hidden": "true" }, letter), label);
  const again = h("button", { type: "button", class: "again", "aria-label": `${name} from the start`, click: () => sound.restart() }, "From the start");
  const done = h("div", { class: "done" });
  const note = h("p", { class: "note" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const element = h("section", { class: "card", "aria-label": `Sound ${letter}`.trim() },
    h("div", { class: "row" }, play, again), h("div", { class: "bar", "aria-hidden": "true" }, done), note, trouble);
  let heard = 0;

  function show() {
    const failed = sound.state === "failed";
    label.textContent = sound.wanted ? "Loading…" : sound.state === "playing" ? "Pause" : "Play";
    play.setAttribute("aria-label", `${label.textContent} ${letter}`.trim());
    play.classList.toggle("playing", sound.state === "playing");
    play.disabled = again.disabled = failed;
    note.hidden = failed || !count;
    note.textContent = heard > 1 ? `Heard to the end ${heard} times` : heard ? "Heard to the end" : "Not yet heard to the end";
    done.style.width = `${100 * sound.position}%`;
    if (failed === trouble.hidden) tellTrouble(failed);
  }

  function tellTrouble(failed) {
    trouble.hidden = !failed;
    const retry = h("button", { type: "button", click: () => sound.load() }, "Try again");
    trouble.replaceChildren(...(failed ? [`${letter ? `Sound ${letter}` : name} (${sound.file}) could not be loaded. `, retry] : []));
  }

  const events = {
    change: () => (show(), onchange(sound.state === "playing" ? `${name} is playing` : "")),
    progress: show,
    heard: () => ((heard += 1), show(), onchange(`${name} was heard to its end`)),
  };
  for (const [name, listener] of Object.entries(events)) sound.addEventListener(name, listener);
  show();
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
  const link = h("a", { class: "button", href: file, download: true }, `${letter || "The sound"} (MIDI)`);
  const tick = h("input", { type: "checkbox", change: () => onchange("") });
  const element = h("section", { class: "card", "aria-label": `Sound ${letter}`.trim() },
    link, count && h("label", { class: "tick" }, tick, ` I have listened to ${letter || "it"}`));
  return { element, heard: () => Number(tick.checked), toggle: () => link.click(), close() {} };
}
