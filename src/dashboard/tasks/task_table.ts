/** The table of tasks: one part of the list, whose rows follow what happens. */
import type { Task } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { KeyedRows } from "./keyed_rows.ts";
import { nextFrame } from "./next_frame.ts";
import { changedTask, type TaskEvent } from "./task_changes.ts";
import { TASK_COLUMNS, TaskRow, type TaskRowOptions } from "./task_row.ts";

export interface TaskTableOptions extends TaskRowOptions {
  /** Told when the box in the head is used. */
  readonly onSelectAll: (selected: boolean) => void;
}

export class TaskTable {
  readonly #rows: KeyedRows<Task, TaskRow>;
  readonly #tasks: Map<string, Task> = new Map();
  readonly #changed: Set<string> = new Set();
  readonly #all: HTMLInputElement;
  readonly #draw: () => void = nextFrame(() => this.#drawChanged());

  constructor(place: HTMLElement, { onSelectAll, ...options }: TaskTableOptions) {
    const body = element("tbody");
    this.#rows = new KeyedRows(body, {
      key: ({ id }) => id,
      make: (task) => new TaskRow(task, options),
    });
    this.#all = element("input", {
      type: "checkbox",
      "aria-label": "Select all on this page",
      onchange: () => onSelectAll(this.#all.checked),
    });
    fill(
      place,
      element(
        "table",
        { class: "task-table" },
        element("caption", { class: "visually-hidden" }, "Tasks"),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            element("td", { class: "select" }, this.#all),
            TASK_COLUMNS.map(({ label, kind }) => element("th", { scope: "col", class: kind }, label)),
            element("th", { scope: "col", class: "actions-cell" }, "Actions"),
          ),
        ),
        body,
      ),
    );
  }

  /** The tasks of this part, as they are now. */
  get tasks(): Task[] {
    return [...this.#tasks.values()];
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  show(tasks: readonly Task[]): void {
    this.#tasks.clear();
    this.#changed.clear();
    for (const task of tasks) this.#tasks.set(task.id, task);
    this.#rows.show(tasks);
    this.showSelection();
  }

  /** Follows an event. @returns whether the task is here */
  take(event: TaskEvent): boolean {
    const task = this.#tasks.get(event.task);
    if (task === undefined) return false;
    if (event.type === "task_removed") {
      this.#tasks.delete(event.task);
      this.#rows.remove(event.task);
      return true;
    }
    const changed = changedTask(task, event);
    if (changed !== task) {
      this.#tasks.set(event.task, changed);
      this.#changed.add(event.task);
      this.#draw();
    }
    return true;
  }

  /** Shows anew which are selected, and what their modules are called. */
  showSelection(): void {
    let selected = 0;
    for (const id of this.#tasks.keys()) {
      const row = this.#rows.get(id);
      row?.refresh();
      if (row?.selected) selected++;
    }
    this.#all.checked = selected > 0 && selected === this.#tasks.size;
    this.#all.indeterminate = selected > 0 && selected < this.#tasks.size;
  }

  /** Moves the focus by so many rows; to the first where it is in none. */
  move(by: 1 | -1): void {
    const elements = this.#rows.elements, at = this.#focused(elements);
    const next = elements[at < 0 ? 0 : Math.min(Math.max(at + by, 0), elements.length - 1)];
    this.#row(next)?.focus();
  }

  /** Selects the row that has the focus, or takes it out. */
  toggle(): void {
    const elements = this.#rows.elements;
    this.#row(elements[this.#focused(elements)])?.toggle();
  }

  #focused(elements: readonly HTMLElement[]): number {
    return elements.findIndex((row) => row.contains(document.activeElement));
  }

  #row(root: HTMLElement | undefined): TaskRow | undefined {
    const id = root?.dataset["task"];
    return id === undefined ? undefined : this.#rows.get(id);
  }

  #drawChanged(): void {
    for (const id of this.#changed) {
      const task = this.#tasks.get(id);
      if (task !== undefined) this.#rows.get(id)?.update(task);
    }
    this.#changed.clear();
  }
}
