// Cuts single presets out of a General MIDI bank, each a small bank of its own:
//   node sounds.mjs /usr/share/sounds/sf3/FluidR3Mono_GM.sf3 ../static/sounds
// The bank is Debian's package fluidr3mono-gm-soundfont; its licence stands in licences/piano.txt.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { SoundBankLoader } from "spessasynth_core";
import { DRUM_KIT, SOUNDS } from "./instruments.js";

const [source, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const content = readFileSync(source);

async function cut(chosen, target) {
  const bank = SoundBankLoader.fromArrayBuffer(
    content.buffer.slice(content.byteOffset, content.byteOffset + content.length),
  );
  const kept = bank.presets.find(chosen);
  for (const preset of [...bank.presets]) if (preset !== kept) bank.deletePreset(preset);
  bank.removeUnusedElements();
  const cutOut = new Uint8Array(await bank.writeSF2({}));
  writeFileSync(`${folder}/${target}.sf3`, cutOut);
  console.log(target, kept.name, cutOut.length);
}

for (const program of SOUNDS) {
  await cut((p) => p.program === program && p.bankMSB === 0 && !p.isGMGSDrum, String(program));
}
await cut((p) => p.isGMGSDrum && p.program === 0, DRUM_KIT);
