// Engraves in a thread of its own, so that the page never waits for it. Verovio stands beside this
// file, unmodified, and is fetched when the first score comes.
/* global verovio */
importScripts("verovio/verovio-toolkit-wasm.js");

const OPTIONS = {
  breaks: "auto", header: "none", footer: "none", adjustPageHeight: true, svgViewBox: true,
  svgRemoveXlink: true, pageMarginTop: 40, pageMarginBottom: 40, pageMarginLeft: 40, pageMarginRight: 40,
};
const ready = new Promise((done) => {
  verovio.module.onRuntimeInitialized = () => done(new verovio.toolkit());
});

const tasks = {
  load(toolkit, { text, marks, layout }) {
    toolkit.setOptions({ ...OPTIONS, ...layout });
    if (!toolkit.loadData(text)) throw new Error("the score cannot be engraved");
    const mei = toolkit.getMEI({ ignoreHeader: true });
    const ties = tiesOf(mei);
    const ids = idsOf(toolkit, mei, marks, ties);
    return { ids, ties, ...paged(toolkit, ids) };
  },
  layout(toolkit, { marks, layout }) {
    toolkit.setOptions({ ...OPTIONS, ...layout });
    toolkit.redoLayout();
    return paged(toolkit, marks);
  },
  page(toolkit, { page }) {
    return toolkit.renderToSVG(page);
  },
};

/** How many pages there are, and on which each of some notes stands (0: on none). */
function paged(toolkit, ids) {
  return { pages: toolkit.getPageCount(), pageOf: ids.map((id) => (id ? toolkit.getPageWithElement(id) : 0)) };
}

/** The ids of notes: their own, or of a single voice without any (ABC) those in the same order. */
function idsOf(toolkit, mei, marks, ties) {
  if (!marks.length || toolkit.getPageWithElement(marks[0])) return marks;
  const held = new Set(ties.map(([, end]) => end));
  const ids = [...mei.matchAll(/<note\b[^>]*?xml:id="([^"]+)"/g)].map((found) => found[1]);
  const struck = ids.length === marks.length ? ids : ids.filter((id) => !held.has(id));
  const alone = (mei.match(/<staffDef\b/g) ?? []).length === 1 && struck.length === marks.length;
  return marks.map((_, i) => (alone ? struck[i] : null));
}

/** The ids of each two notes that a tie makes one. */
function tiesOf(mei) {
  return [...mei.matchAll(/<tie\b[^>]*>/g)]
    .map(([tie]) => ["startid", "endid"].map((name) => tie.match(new RegExp(`\\b${name}="#([^"]+)"`))?.[1]))
    .filter(([start, end]) => start && end);
}

onmessage = async ({ data: { number, task, ...rest } }) => {
  try {
    postMessage({ number, result: tasks[task](await ready, rest) });
  } catch (error) {
    postMessage({ number, error: String(error?.message ?? error) });
  }
};
