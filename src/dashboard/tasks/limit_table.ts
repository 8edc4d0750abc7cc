/** The limits of a task: those that are looked for first, and all others behind a summary. */
import { element, fill } from "../dom.ts";
import type { LimitFact } from "./settings_words.ts";

const FROM: Readonly<Record<LimitFact["from"], string>> = {
  task: "this task",
  preset: "its preset",
  server: "the server",
};

export function showLimits(place: HTMLElement, limits: readonly LimitFact[]): void {
  const others = limits.filter(({ first }) => !first);
  fill(
    place,
    table("Limits", limits.filter(({ first }) => first)),
    element(
      "details",
      {},
      element("summary", {}, `${others.length} other limits`),
      table("Other limits", others),
    ),
  );
}

function table(caption: string, limits: readonly LimitFact[]): HTMLElement {
  return element(
    "table",
    { class: "limit-table" },
    element("caption", { class: "visually-hidden" }, caption),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col" }, "What"),
        element("th", { scope: "col", class: "number" }, "At most"),
        element("th", { scope: "col" }, "Set by"),
      ),
    ),
    element(
      "tbody",
      {},
      limits.map(({ label, text, from }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, label),
          element("td", { class: "number" }, text),
          element("td", {}, FROM[from]),
        )
      ),
    ),
  );
}
