import { ParameterType } from "jspsych";
import { h } from "./html.js";

/** A jsPsych plugin: a page of text that ends when its content calls `finish`. */
export class Page {
  static info = {
    name: "page",
    version: "1.0.0",
    parameters: {
      heading: { type: ParameterType.STRING },
      content: { type: ParameterType.FUNCTION }, // (finish) => the page's nodes
      close: { type: ParameterType.FUNCTION, default: () => {} },
    },
    data: {},
  };

  constructor(jsPsych) {
    this.jsPsych = jsPsych;
  }

  trial(root, { heading, content, close }) {
    const title = h("h1", { tabindex: "-1" }, heading);
    const finish = () => {
      close();
      this.jsPsych.finishTrial({});
    };
    root.replaceChildren(title, ...content(finish));
    title.focus(); // so that it is read out, and Tab goes on from here
  }
}
