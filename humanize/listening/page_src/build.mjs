// Bundles these modules into ../page, where the HTML and CSS stand that need no bundling.
// Run by scripts/build_page.sh after `npm ci`.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";

const OUT = "../page";
const BUNDLED = ["jspsych", "auto-bind", "random-words", "seedrandom", "js-sha256"];

await mkdir(OUT, { recursive: true });
const { metafile } = await build({
  entryPoints: ["main.js"],
  outfile: `${OUT}/listen.js`,
  bundle: true,
  format: "iife", // a page from disk may not load modules
  minify: true,
  target: ["es2022"],
  legalComments: "none",
  metafile: true,
});

const found = Object.keys(metafile.inputs).map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
const unnamed = [...new Set(found)].filter((name) => name && !BUNDLED.includes(name));
if (unnamed.length) throw new Error(`bundled but not among the licences: ${unnamed.join(", ")}`);

async function licence(name) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  let text = "";
  for (const file of ["LICENSE", "LICENSE.txt", "license"]) {
    text ||= await readFile(`${folder}/${file}`, "utf8").catch(() => "");
  }
  text ||= await readFile(`licences/${name}.txt`, "utf8"); // of packages that come without one
  return `${"=".repeat(78)}\n${name} ${version} (${license})\n${"=".repeat(78)}\n\n${text.trim()}\n`;
}
const parts = await Promise.all(BUNDLED.map(licence));
await writeFile(`${OUT}/LICENCES.txt`, ["Licences of what listen.js contains.\n", ...parts].join("\n"));
