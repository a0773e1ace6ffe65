// Cuts piano.sf3, one preset, out of a General MIDI bank:
//   node piano.mjs /usr/share/sounds/sf3/FluidR3Mono_GM.sf3 ../static/piano.sf3
// The bank is Debian's package fluidr3mono-gm-soundfont; its licence stands in licences/piano.txt.
import { readFileSync, writeFileSync } from "node:fs";
import { SoundBankLoader } from "spessasynth_core";

const [source, target] = process.argv.slice(2);
const file = readFileSync(source);
const bank = SoundBankLoader.fromArrayBuffer(
  file.buffer.slice(file.byteOffset, file.byteOffset + file.length),
);
const piano = bank.presets.find((p) => p.program === 0 && p.bankMSB === 0 && !p.isGMGSDrum);
for (const preset of [...bank.presets]) if (preset !== piano) bank.deletePreset(preset);
bank.removeUnusedElements();
writeFileSync(target, new Uint8Array(await bank.writeSF2({})));
