/** Names and what is said of them. */
import { type Child, element, fill } from "../dom.ts";
import type { Fact } from "./settings_words.ts";

/** Shows facts; text that others wrote is text. */
export function showFacts(
  place: HTMLElement,
  facts: readonly (Fact | { readonly label: string; readonly shown: Child })[],
): void {
  fill(
    place,
    facts.map((fact) => [
      element("dt", {}, fact.label),
      element(
        "dd",
        {},
        "shown" in fact ? fact.shown : fact.code ? element("code", {}, fact.text) : fact.text,
      ),
    ]),
  );
}
