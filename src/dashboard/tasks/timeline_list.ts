/** A timeline in words: a line for each thing that happened, with its time from the beginning. */
import { element, fill } from "../dom.ts";
import { durationText, utcText } from "../format.ts";
import { LANES, type Timeline } from "./timeline.ts";

export class TimelineList {
  readonly #body: HTMLElement = element("tbody");
  readonly #frame: HTMLElement;
  readonly #empty: HTMLElement = element("p", { class: "hint" });

  constructor(place: HTMLElement) {
    this.#frame = element(
      "div",
      { class: "timeline-list", tabindex: "0", role: "region", "aria-label": "Timeline as a list" },
      element(
        "table",
        {},
        element("caption", { class: "visually-hidden" }, "What happened, in order"),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            element("th", { scope: "col", class: "number" }, "After"),
            element("th", { scope: "col" }, "What"),
            element("th", { scope: "col" }, "Which"),
          ),
        ),
        this.#body,
      ),
    );
    fill(place, this.#frame, this.#empty);
  }

  /** @param cut entries that were not kept */
  show({ entries, queuedAt }: Timeline, cut: number): void {
    const rows = [...this.#body.children];
    entries.forEach(({ lane, at, until, text, bad }, index) => {
      const after = durationText((at - queuedAt) * 1000),
        lasted = until > at ? ` for ${durationText((until - at) * 1000)}` : "";
      const known = rows[index], said = `${at} ${lasted} ${text}`;
      if (known instanceof HTMLElement && known.dataset["said"] === said) return;
      const row = element(
        "tr",
        { "data-said": said, class: bad ? "timeline-bad-row" : undefined },
        element("td", { class: "number", title: utcText(at) }, `+${after}${lasted}`),
        element("td", {}, LANES[lane]),
        element("td", { class: "timeline-text" }, text),
      );
      if (known === undefined) this.#body.append(row);
      else known.replaceWith(row);
    });
    for (const row of rows.slice(entries.length)) row.remove();
    this.#empty.textContent = cut === 0
      ? ""
      : `${cut.toLocaleString()} more things were asked of the host than are listed one by one.`;
  }

  /** Shows one entry. */
  reveal(index: number): void {
    const row = this.#body.children[index];
    if (row === undefined) return;
    for (const other of this.#body.querySelectorAll("[data-revealed]")) {
      other.removeAttribute("data-revealed");
    }
    row.setAttribute("data-revealed", "");
    row.scrollIntoView({ block: "nearest" });
  }
}
