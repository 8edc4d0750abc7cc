/** Statuses as chips that are pressed to filter by them; each with how many there are. */
import { badge } from "../badges.ts";
import { element } from "../dom.ts";
import { countText } from "../format.ts";
import type { Status } from "./list_filter.ts";
import { showAttribute, showText } from "./shown_text.ts";

export type StatusCounts = Readonly<Partial<Record<Status, number>>>;

export class StatusChips {
  readonly root: HTMLElement;
  readonly #chips: Map<Status, { readonly button: HTMLButtonElement; readonly count: HTMLElement }> =
    new Map();

  /** @param onChange told which are pressed now */
  constructor(statuses: readonly Status[], onChange: (pressed: Status[]) => void) {
    for (const status of statuses) {
      const count = element("span", { class: "chip-count" });
      const button = element(
        "button",
        { type: "button", class: "chip", "aria-pressed": "false" },
        badge(status),
        count,
      );
      button.addEventListener("click", () => {
        button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
        onChange(this.pressed);
      });
      this.#chips.set(status, { button, count });
    }
    this.root = element(
      "div",
      { class: "chips", role: "group", "aria-label": "Status" },
      [...this.#chips.values()].map(({ button }) => button),
    );
  }

  get pressed(): Status[] {
    return [...this.#chips].filter(([, { button }]) => button.getAttribute("aria-pressed") === "true").map((
      [status],
    ) => status);
  }

  press(statuses: readonly Status[]): void {
    for (const [status, { button }] of this.#chips) {
      showAttribute(button, "aria-pressed", String(statuses.includes(status)));
    }
  }

  count(counts: StatusCounts): void {
    for (const [status, { count }] of this.#chips) showText(count, countText(counts[status] ?? 0));
  }
}
