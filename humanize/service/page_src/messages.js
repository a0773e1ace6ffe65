// What the page says: on its line of status, and where something went wrong.

const $ = (id) => document.getElementById(id);
let asking = ""; // the file that messages are about

export function isAbout(name) {
  asking = name;
}

export function say(text) {
  $("status").textContent = text;
  $("status").title = text;
}

export function complain(error) {
  $("message").textContent = plain(error?.message ?? "");
  $("message").hidden = !error;
  if (error?.status === 401) {
    $("token-form").hidden = false;
    $("token").focus();
  }
}

/** The service's words with the file's own name, and without what only a command line has. */
function plain(text) {
  return text
    .replace(/^upload(\.\w+)?(?=:)/, () => asking || "the file")
    .replace(/\s*\((see )?--[^)]*\)|; --.*$/g, "");
}

function sentence(text) {
  const words = plain(text);
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

/** Say what the music is taken for. */
export function sayWhatItIs({ notes, answer }) {
  const count = `${notes.length.toLocaleString("en")} notes, model ${answer.model}.`;
  say([count, ...pieces(answer), ...answer.messages.map(sentence)].join(" "));
}

function pieces(answer) {
  const count = answer.pieces.length;
  if (count < 2) return [];
  return [`This MIDI file of type 2 holds ${count} pieces; here they follow one another, and sound without pedal.`];
}
