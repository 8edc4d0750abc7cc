/** The last values of something as a line of the size of a word. What it shows stands beside it as a figure. */

import { part } from "../dom.ts";
import { MOST_POINTS, sparkPoints } from "./spark_points.ts";

/** One is copied from the page's HTML, which has the drawing with an empty line in it. */
export class Sparkline {
  readonly element: DocumentFragment;
  readonly #line: SVGPolylineElement;
  readonly #values: number[] = [];

  constructor() {
    this.element = document.importNode(part("sparkline", HTMLTemplateElement).content, true);
    const line = this.element.querySelector("polyline");
    if (line === null) throw new Error("Cannot find the line of a sparkline in the page");
    this.#line = line;
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > MOST_POINTS) this.#values.shift();
    this.#line.setAttribute("points", sparkPoints(this.#values));
  }
}
