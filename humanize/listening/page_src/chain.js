// The lines of a rater's answers. Each holds a hash over all before it, so that none can be
// changed, left out or moved unnoticed.
import { sha256 } from "js-sha256";

const link = (previous, body) => sha256(`${previous}\n${JSON.stringify(body)}`);

/** The packet as one rater sees it, by the rater's code; null where it is none of the packet's. */
export function packetOf(packet, code) {
  const digest = sha256(`${packet.key_sha256} ${code}`); // the packet gives no code away
  return Object.hasOwn(packet.raters, digest) ? { ...packet, raters: { [code]: packet.raters[digest] } } : null;
}

/** The line of an answer; the order of its keys is fixed. `previous` is the line before, if any. */
export function makeLine({ packet, code, place, previous, answer, at = new Date() }) {
  const { id, question, sounds } = packet.raters[code][place];
  const body = {
    version: 1,
    packet: packet.key_sha256,
    rater: code,
    place,
    trial: id,
    question,
    order: Array.from({ length: sounds }, (_, index) => id + String.fromCharCode(97 + index)),
    grade: answer.grade,
    ...(answer.ratings && { ratings: answer.ratings }),
    heard: answer.heard,
    seconds: Math.round(answer.seconds * 10) / 10,
    at: at.toISOString().replace(/\.\d+Z$/, "Z"),
  };
  return JSON.stringify({ ...body, chain: link(chainOf(previous) ?? packet.key_sha256, body) });
}

export const chainOf = (line) => line && JSON.parse(line).chain;

/** How many of the lines, from the first, are this rater's answers to this packet, unchanged. */
export function countValid(packet, code, lines) {
  let previous = packet.key_sha256;
  for (const [place, line] of lines.entries()) {
    const chain = checked(packet, code, place, previous, line);
    if (!chain) return place;
    previous = chain;
  }
  return lines.length;
}

function checked(packet, code, place, previous, line) {
  try {
    const { chain, ...body } = JSON.parse(line);
    const expected = packet.raters[code][place];
    const mine = body.packet === packet.key_sha256 && body.rater === code && body.place === place;
    return mine && body.trial === expected?.id && chain === link(previous, body) && chain;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return false; // not such a line
    throw error;
  }
}
