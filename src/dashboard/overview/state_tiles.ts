/** How many tasks are in each state: a tile for each, which leads to the list of them. */
import type { Stats, TaskState } from "../api_types.ts";
import { BADGES } from "../badges.ts";
import { element, fill, part } from "../dom.ts";
import { exactText } from "../format.ts";
import { tasksLink } from "../links.ts";

/** What is going on first, then what has come to an end. */
const ORDER: readonly TaskState[] = [
  "running",
  "queued",
  "waiting",
  "paused",
  "ready",
  "completed",
  "failed",
  "stopped",
  "interrupted",
];

export class StateTiles {
  readonly #all: HTMLElement = value();
  readonly #values: ReadonlyMap<TaskState, HTMLElement> = new Map(ORDER.map((state) => [state, value()]));

  constructor() {
    fill(
      part("tiles", HTMLElement),
      element("a", { class: "tile", href: tasksLink(), "data-state": "all" }, label("All tasks"), this.#all),
      ORDER.map((state) =>
        element(
          "a",
          { class: `tile tile-${state}`, href: tasksLink(state), "data-state": state },
          label(state[0]?.toUpperCase() + state.slice(1), BADGES[state]),
          this.#values.get(state),
        )
      ),
    );
  }

  show({ tasks, states }: Stats): void {
    this.#all.textContent = exactText(tasks);
    for (const [state, shown] of this.#values) {
      shown.textContent = exactText(states[state]);
      shown.parentElement?.classList.toggle("tile-none", states[state] === 0);
    }
  }
}

function value(): HTMLElement {
  return element("span", { class: "tile-value" }, "–");
}

function label(text: string, mark?: string): HTMLElement {
  const shown = mark === undefined
    ? undefined
    : element("span", { class: "tile-mark", "aria-hidden": "true" }, mark);
  return element("span", { class: "tile-label" }, shown, text);
}
