/** What guests asked for and were not given, as it happens. Targets are the guests' texts. */
import { element, fill, part } from "../dom.ts";
import { countText, timeElement } from "../format.ts";
import { executionLink } from "../links.ts";
import type { EventData } from "../task_events.ts";
import type { TaskNames } from "../task_names.ts";

/** Rows that are kept. */
const MOST = 100;

export class DenialList {
  readonly #names: TaskNames;
  readonly #body: HTMLElement = part("denials", HTMLElement);
  #any = false;

  constructor(names: TaskNames) {
    this.#names = names;
    fill(
      this.#body,
      element("tr", {}, element("td", { class: "empty", colspan: 4 }, "None since this page was opened")),
    );
  }

  async add(
    { time, task, execution, capability, action, target, reason, count }: EventData["denial"],
  ): Promise<void> {
    await this.#names.load([task]);
    const row = element(
      "tr",
      {},
      element("td", { class: "time" }, timeElement(time)),
      element(
        "td",
        { class: "name" },
        element("a", { href: executionLink(execution) }, this.#names.of(task)),
      ),
      element(
        "td",
        { class: "name" },
        [capability, action, target].filter((word) => word !== "").join(" "),
        reason !== "" && element("div", { class: "hint" }, reason),
      ),
      element("td", { class: "number" }, countText(count)),
    );
    if (!this.#any) fill(this.#body);
    this.#any = true;
    this.#body.prepend(row);
    while (this.#body.childElementCount > MOST) this.#body.lastElementChild?.remove();
  }
}
