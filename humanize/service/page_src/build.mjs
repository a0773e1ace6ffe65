// Bundles these modules into ../static, where the HTML, CSS and docs.js stand that need no bundling.
// Run by scripts/build_page.sh after `npm ci`.
import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";

const OUT = "../static";
const BUNDLED = ["spessasynth_lib", "spessasynth_core", "stb-vorbis", "@tonejs/midi", "midi-file", "array-flatten"];

await build({
  entryPoints: ["main.js"],
  outfile: `${OUT}/app.js`,
  bundle: true,
  format: "esm",
  minify: true,
  target: ["es2022"],
  legalComments: "none",
});
const EXAMPLES = "../../../examples";
await mkdir(`${OUT}/examples`, { recursive: true });
for (const file of ["bach_prelude.mid", "fugue.mid", "rock_beat.mid", "waltz.mid", "waltz.musicxml"]) {
  await copyFile(`${EXAMPLES}/${file}`, `${OUT}/examples/${file}`);
}
await copyFile(
  "node_modules/spessasynth_lib/dist/spessasynth_processor.min.js",
  `${OUT}/spessasynth_processor.min.js`,
);
// Verovio as it came, in a file of its own that is fetched with the first score (LGPL 3); packed, as
// the service sends it and as an install need not hold three times as much.
await mkdir(`${OUT}/verovio`, { recursive: true });
const verovio = await readFile("node_modules/verovio/dist/verovio-toolkit-wasm.js");
await writeFile(`${OUT}/verovio/verovio-toolkit-wasm.js.gz`, gzipSync(verovio, { level: 9 }));
await copyFile("licences/verovio.txt", `${OUT}/verovio/LICENCE.txt`);
await copyFile("engraver.worker.js", `${OUT}/engraver.worker.js`);

async function licence(name) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  let text = "";
  for (const file of ["LICENSE", "LICENSE.md", "LICENCE", "license"]) {
    text ||= await readFile(`${folder}/${file}`, "utf8").catch(() => "");
  }
  text ||= (await readFile(`licences/${name.replace("/", "-")}.txt`, "utf8"));
  return `${"=".repeat(78)}\n${name} ${version} (${license})\n${"=".repeat(78)}\n\n${text.trim()}\n`;
}
const piano = await readFile("licences/piano.txt", "utf8");
const parts = await Promise.all(BUNDLED.map(licence));
const head = "Licences of what app.js, spessasynth_processor.min.js and sounds/ contain; that of Verovio stands in verovio/.\n";
await writeFile(`${OUT}/LICENCES.txt`, [head, ...parts, piano].join("\n"));
