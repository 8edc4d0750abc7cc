/** Figures beside each other, each with its name. */
import { element, fill, part } from "./dom.ts";

/** A figure. @param doc what it is of, or all its digits: shown where the pointer rests on it */
export type Fact = readonly [name: string, text: string, doc?: string];

/** Shows figures in a list of the page. @param place the list's part */
export function fillFacts(place: string, facts: readonly Fact[]): void {
  fill(
    part(place, HTMLElement),
    facts.map(([name, text, doc]) =>
      element("div", { title: doc ?? "" }, element("dt", {}, name), element("dd", {}, text))
    ),
  );
}
