// The score inside a compressed MusicXML file (.mxl), read without any help but the browser's own.

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const MOST_BYTES = 64 * 2 ** 20;

/** Text of the score that a .mxl holds; an error where it is no such file. */
export async function unpackScore(buffer) {
  const view = new DataView(buffer);
  const members = entries(view, buffer);
  const container = members.get("META-INF/container.xml");
  const named = container && new TextDecoder().decode(await content(view, buffer, container));
  const path = named?.match(/full-path\s*=\s*"([^"]+)"/)?.[1];
  const first = [...members.keys()].find((name) => /^(?!META-INF).*\.(musicxml|xml)$/i.test(name));
  const entry = members.get(path) ?? members.get(first);
  if (!entry) throw new Error("no score inside");
  return content(view, buffer, entry);
}

function entries(view, buffer) {
  let end = view.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error("no zip");
  const members = new Map();
  let at = view.getUint32(end + 16, true);
  while (at + 46 <= end && view.getUint32(at, true) === ENTRY) {
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    members.set(new TextDecoder().decode(new Uint8Array(buffer, at + 46, name)), {
      method: view.getUint16(at + 10, true),
      size: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + name + extra + comment;
  }
  return members;
}

async function content(view, buffer, { method, size, unpacked, offset }) {
  if (unpacked > MOST_BYTES) throw new Error("too large");
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  const packed = new Uint8Array(buffer, start, size);
  if (method === 0) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
