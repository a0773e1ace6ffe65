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
    return paged(toolkit, marks);
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
function paged(toolkit, marks) {
  return { pages: toolkit.getPageCount(), pageOf: marks.map((mark) => toolkit.getPageWithElement(mark)) };
}

onmessage = async ({ data: { number, task, ...rest } }) => {
  try {
    postMessage({ number, result: tasks[task](await ready, rest) });
  } catch (error) {
    postMessage({ number, error: String(error?.message ?? error) });
  }
};
