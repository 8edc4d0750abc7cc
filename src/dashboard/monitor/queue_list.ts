/** Tasks that wait: for a guest, or for the time of another try. */
import type { Api } from "../api.ts";
import type { Page, Task } from "../api_types.ts";
import { badge } from "../badges.ts";
import { element, fill, part } from "../dom.ts";
import { timeElement } from "../format.ts";
import { taskLink, tasksLink } from "../links.ts";

/** Tasks that are shown; of more there is a number. */
const MOST = 10;

export class QueueList {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async refresh(): Promise<void> {
    const { items, total } = await this.#api.get<Page<Task>>("/tasks", {
      state: "queued,waiting",
      limit: MOST,
    });
    fill(
      part("queue", HTMLElement),
      total === 0 ? element("li", { class: "soft" }, "No task waits.") : items.map((task) =>
        element(
          "li",
          {},
          badge(task.state),
          element("a", { href: taskLink(task.id) }, task.name),
          element("span", { class: "soft" }, `priority ${task.priority}`),
          element(
            "span",
            { class: "soft at-end" },
            task.state === "waiting" ? "again at " : "since ",
            timeElement(task.state === "waiting" ? task.dueAt : task.queuedAt),
          ),
        )
      ),
      total > items.length && element(
        "li",
        {},
        element("a", { href: tasksLink("queued") }, `${(total - items.length).toLocaleString()} more`),
      ),
    );
  }
}
