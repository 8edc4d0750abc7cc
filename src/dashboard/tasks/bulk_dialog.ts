/** Shows how far an order to many tasks is, and who refused it. */
import type { Api } from "../api.ts";
import { errorText } from "../api_error.ts";
import { element } from "../dom.ts";
import { taskLink } from "../links.ts";
import { notice } from "../notices.ts";
import { type NamedTask, orderTasks, type Refusal } from "./bulk_order.ts";
import { showText } from "./shown_text.ts";
import { TASK_ACTIONS, type TaskActionName } from "./task_actions.ts";

/** Refusals that are listed; of the others it is said how many they are. */
const MOST_SHOWN = 500;

/** Ends when all were asked, or the person has ended it. A dialog stays only if somebody refused. */
export async function orderWithProgress(
  api: Api,
  action: TaskActionName,
  tasks: readonly NamedTask[],
): Promise<void> {
  const dialog = new BulkDialog(action, tasks.length);
  try {
    await orderTasks(api, {
      action,
      tasks,
      signal: dialog.signal,
      onProgress: (asked, refused) => dialog.show(asked, refused),
    });
    dialog.end();
  } catch (error) {
    dialog.end(errorText(error));
  }
}

class BulkDialog {
  readonly #action: TaskActionName;
  readonly #total: number;
  readonly #ended: AbortController = new AbortController();
  readonly #text: HTMLElement = element("p", { role: "status" });
  readonly #bar: HTMLProgressElement;
  readonly #list: HTMLElement = element("ul", {
    class: "refusals",
    tabindex: "0",
    "aria-label": "Refusals",
    hidden: true,
  });
  readonly #button: HTMLButtonElement;
  readonly #dialog: HTMLDialogElement;
  #asked = 0;
  #refused = 0;

  constructor(action: TaskActionName, total: number) {
    this.#action = action;
    this.#total = total;
    this.#bar = element("progress", { max: total, value: 0, "aria-label": "Tasks that were asked" });
    this.#button = element("button", { type: "button", onclick: () => this.#dialog.close() }, "Stop asking");
    this.#dialog = element(
      "dialog",
      { class: "bulk", "aria-labelledby": "bulk-title" },
      element("h2", { id: "bulk-title" }, `${TASK_ACTIONS[action].label} ${total.toLocaleString()} tasks`),
      this.#text,
      this.#bar,
      this.#list,
      element("div", { class: "actions" }, this.#button),
    );
    this.#dialog.addEventListener("close", () => {
      this.#ended.abort();
      this.#dialog.remove();
    });
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.show(0, []);
  }

  /** Aborted when the person wants no more of it. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  show(asked: number, refused: readonly Refusal[]): void {
    this.#asked = asked;
    this.#bar.value = asked;
    for (const { id, name, reason } of refused) {
      if (++this.#refused > MOST_SHOWN) continue;
      this.#list.append(element("li", {}, element("a", { href: taskLink(id) }, name), `: ${reason}`));
    }
    this.#list.hidden = this.#refused === 0;
    showText(this.#text, this.#summary());
  }

  /** @param problem why not all were asked */
  end(problem?: string): void {
    const summary = problem === undefined ? this.#summary() : `${this.#summary()} ${problem}.`;
    if (this.#refused === 0 || this.signal.aborted) {
      this.#dialog.close();
      notice(summary, problem === undefined && this.#refused === 0 ? "done" : "failed");
      return;
    }
    showText(this.#text, summary);
    this.#button.textContent = "Close";
    this.#button.focus();
  }

  #summary(): string {
    const done = `${
      (this.#asked - this.#refused).toLocaleString()
    } of ${this.#total.toLocaleString()} tasks ${TASK_ACTIONS[this.#action].done}.`;
    if (this.#refused === 0) return done;
    const more = this.#refused > MOST_SHOWN ? ` The first ${MOST_SHOWN} of them:` : "";
    return `${done} ${this.#refused.toLocaleString()} refused.${more}`;
  }
}
