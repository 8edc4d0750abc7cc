/** A task in the list. */
import { badge, BADGES } from "../badges.ts";
import type { Task } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { countText, durationText, exactText, timeElement } from "../format.ts";
import { groupLink, taskLink } from "../links.ts";
import { ActionButtons } from "./action_buttons.ts";
import type { KeyedRow } from "./keyed_rows.ts";
import { showAttribute, showText, visibleName } from "./shown_text.ts";
import type { TaskActionName } from "./task_actions.ts";

export interface TaskRowOptions {
  readonly readOnly: boolean;
  readonly moduleText: (hash: string) => string;
  readonly isSelected: (id: string) => boolean;
  readonly onSelect: (id: string, selected: boolean) => void;
  readonly onOrder: (task: Task, action: TaskActionName) => void;
}

/** The columns, for the head of the table; the class of each cell, too. */
export const TASK_COLUMNS = [
  { label: "Name", kind: "name" },
  { label: "Status", kind: "state" },
  { label: "Module", kind: "module" },
  { label: "Runs", kind: "number runs" },
  { label: "Failures", kind: "number runs" },
  { label: "Fuel", kind: "number fuel" },
  { label: "Last run", kind: "last-run" },
  { label: "Priority", kind: "priority" },
  { label: "Group", kind: "group" },
] as const;

export class TaskRow implements KeyedRow<Task> {
  readonly root: HTMLTableRowElement;
  readonly #options: TaskRowOptions;
  readonly #box: HTMLInputElement;
  readonly #link: HTMLAnchorElement = element("a");
  readonly #state: HTMLElement = element("td");
  readonly #module: HTMLElement = element("td", { class: "module" });
  readonly #runs: HTMLElement = element("td", { class: "number" });
  readonly #failures: HTMLElement = element("td", { class: "number" });
  readonly #fuel: HTMLElement = element("td", { class: "number" });
  readonly #last: HTMLElement = element("td", { class: "last-run" });
  readonly #priority: HTMLElement = element("td");
  readonly #group: HTMLElement = element("td", { class: "group" });
  readonly #actions: ActionButtons;
  #task: Task;

  constructor(task: Task, options: TaskRowOptions) {
    const { id } = task;
    this.#task = task;
    this.#options = options;
    this.#box = element("input", {
      type: "checkbox",
      onchange: () => options.onSelect(id, this.#box.checked),
    });
    this.#actions = new ActionButtons({
      readOnly: options.readOnly,
      size: "marks",
      onOrder: (action) => options.onOrder(this.#task, action),
    });
    this.#link.href = taskLink(id);
    this.root = element(
      "tr",
      { "data-task": id },
      element("td", { class: "select" }, this.#box),
      element("th", { scope: "row", class: "name" }, this.#link),
      this.#state,
      this.#module,
      this.#runs,
      this.#failures,
      this.#fuel,
      this.#last,
      this.#priority,
      this.#group,
      element("td", { class: "actions-cell" }, this.#actions.root),
    );
    this.#show(undefined);
  }

  get selected(): boolean {
    return this.#box.checked;
  }

  update(task: Task): void {
    const before = this.#task;
    this.#task = task;
    this.#show(before);
  }

  /** Shows what stands beside the task itself: whether it is selected, what its module is called. */
  refresh(): void {
    this.#box.checked = this.#options.isSelected(this.#task.id);
    showAttribute(this.root, "data-selected", this.#box.checked ? "true" : undefined);
    showText(this.#module, this.#options.moduleText(this.#task.module));
  }

  focus(): void {
    this.#link.focus();
    this.root.scrollIntoView({ block: "nearest" });
  }

  toggle(): void {
    this.#box.click();
  }

  #show(before: Task | undefined): void {
    const task = this.#task, { name, state, executions, failures, fuel, lastExecution: last } = task;
    this.refresh();
    if (before?.name !== name) {
      showText(this.#link, visibleName(name));
      showAttribute(this.#box, "aria-label", `Select ${name}`);
    }
    if (before?.state !== state) {
      fill(this.#state, badge(state));
      this.#actions.update(state, name);
    }
    showAttribute(this.#module, "title", task.module);
    showText(this.#runs, countText(executions));
    showText(this.#failures, countText(failures));
    showText(this.#fuel, countText(fuel));
    showAttribute(this.#fuel, "title", `${exactText(fuel)} units`);
    showText(this.#priority, task.priority);
    const was = before?.lastExecution;
    if (before === undefined || was?.id !== last?.id || was?.status !== last?.status) {
      if (last === null) fill(this.#last, element("span", { class: "soft" }, "never"));
      else {
        fill(
          this.#last,
          element(
            "span",
            {
              class: `badge-${last.status} badge-mark`,
              role: "img",
              "aria-label": last.status,
              title: last.status,
            },
            BADGES[last.status],
          ),
          timeElement(last.startedAt),
          element(
            "span",
            { class: "soft" },
            ` ${last.status === "running" ? "runs" : durationText(last.durationUs)}`,
          ),
        );
      }
    }
    if (before?.group !== task.group) {
      fill(this.#group, task.group !== null && element("a", { href: groupLink(task.group) }, task.group));
    }
  }
}
