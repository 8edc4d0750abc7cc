/** Which part of a list is shown, and the way to the parts beside it. */
import { element, fill } from "../dom.ts";
import type { ListPlace } from "./list_address.ts";

/** Items of a part. */
export const PART = 100;

export class Pager {
  readonly #text: HTMLElement = element("span", { class: "soft", role: "status" });
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #what: string;
  #after: number | null = null;

  constructor(
    place: HTMLElement,
    { what, onPrevious, onNext }: {
      /** What is counted: `tasks`. */
      readonly what: string;
      readonly onPrevious: () => void;
      readonly onNext: (from: number) => void;
    },
  ) {
    this.#what = what;
    this.#previous = element("button", { type: "button", class: "small", onclick: onPrevious }, "Previous");
    this.#next = element("button", {
      type: "button",
      class: "small",
      onclick: () => this.#after !== null && onNext(this.#after),
    }, "Next");
    place.classList.add("pager");
    fill(place, this.#text, this.#previous, this.#next);
  }

  show(
    { from, trail }: Pick<ListPlace, "from" | "trail">,
    { shown, next, total }: { readonly shown: number; readonly next: number | null; readonly total: number },
  ): void {
    const isFirst = from === undefined, before = isFirst ? 0 : trail && (trail.length + 1) * PART;
    // A part that is full has a next one only if something is left.
    this.#after = isFirst && shown >= total ? null : next;
    this.#previous.disabled = isFirst;
    this.#next.disabled = this.#after === null;
    const range = before === undefined
      ? shown.toLocaleString()
      : `${(before + 1).toLocaleString()}–${(before + shown).toLocaleString()}`;
    const text = shown === 0 ? `No ${this.#what}` : `${range} of ${total.toLocaleString()} ${this.#what}`;
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
