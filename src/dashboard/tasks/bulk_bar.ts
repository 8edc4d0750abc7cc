/** What can be done with the tasks that are selected. It lies at the lower edge, so that the list does not move under it. */
import { element, fill } from "../dom.ts";
import { READ_ONLY } from "./action_buttons.ts";
import { showText } from "./shown_text.ts";
import { TASK_ACTION_NAMES, TASK_ACTIONS, type TaskActionName } from "./task_actions.ts";

export interface BulkBarOptions {
  readonly readOnly: boolean;
  readonly onOrder: (action: TaskActionName) => void;
  readonly onEverything: () => void;
  readonly onClear: () => void;
}

export class BulkBar {
  readonly #place: HTMLElement;
  readonly #text: HTMLElement = element("span", { class: "bulk-count", role: "status" });
  readonly #everything: HTMLButtonElement;

  constructor(place: HTMLElement, { readOnly, onOrder, onEverything, onClear }: BulkBarOptions) {
    this.#place = place;
    this.#everything = element("button", { type: "button", class: "small quiet", onclick: onEverything });
    place.setAttribute("role", "region");
    place.setAttribute("aria-label", "Selected tasks");
    fill(
      place,
      this.#text,
      this.#everything,
      element(
        "span",
        { class: "toolbar" },
        TASK_ACTION_NAMES.map((action) => {
          const { label, ...row } = TASK_ACTIONS[action];
          return element("button", {
            type: "button",
            class: "final" in row ? "small danger" : "small",
            disabled: readOnly,
            title: readOnly ? READ_ONLY : undefined,
            onclick: () => onOrder(action),
          }, label);
        }),
        element("button", { type: "button", class: "small quiet", onclick: onClear }, "Clear selection"),
      ),
    );
  }

  /** @param count tasks that are selected @param total tasks that fit the filter */
  show(
    { count, total, everything }: {
      readonly count: number;
      readonly total: number;
      readonly everything: boolean;
    },
  ): void {
    this.#place.hidden = count === 0;
    showText(this.#text, `${count.toLocaleString()} selected`);
    this.#everything.hidden = everything || total <= count;
    showText(this.#everything, `Select all ${total.toLocaleString()} that fit`);
  }
}
