/** The last values of something as a line of the size of a word. What it shows stands beside it as a figure. */

import { part } from "../dom.ts";

/** Units of its drawing. */
const WIDTH = 72, HEIGHT = 18;

/** Values that are shown: a minute of them, where one comes each second. */
const MOST = 60;

/** Corners of the line, from the left edge to the right where there are as many values as are shown. */
export function sparkPoints(values: readonly number[]): string {
  const most = Math.max(...values, 0), step = WIDTH / (MOST - 1), first = WIDTH - step * (values.length - 1);
  return values.map((value, at) => {
    const y = most === 0 ? HEIGHT - 1 : HEIGHT - 1 - value / most * (HEIGHT - 2);
    return `${(first + at * step).toFixed(1)},${y.toFixed(1)}`;
  }).join(" ");
}

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
    if (this.#values.length > MOST) this.#values.shift();
    this.#line.setAttribute("points", sparkPoints(this.#values));
  }
}
