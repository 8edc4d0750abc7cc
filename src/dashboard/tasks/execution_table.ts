/** A table of executions, the latest first. */
import type { Execution } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { executionColumns, ExecutionRow, type ExecutionRowOptions } from "./execution_row.ts";
import { KeyedRows } from "./keyed_rows.ts";

export class ExecutionTable {
  readonly #rows: KeyedRows<Execution, ExecutionRow>;
  #executions: readonly Execution[] = [];

  /** @param caption what the table has, for those who do not see where it stands */
  constructor(place: HTMLElement, caption: string, options: ExecutionRowOptions = {}) {
    const body = element("tbody");
    this.#rows = new KeyedRows(body, {
      key: ({ id }) => id,
      make: (execution) => new ExecutionRow(execution, options),
    });
    fill(
      place,
      element(
        "table",
        { class: "run-table" },
        element("caption", { class: "visually-hidden" }, caption),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            executionColumns(options).map(({ label, kind }) =>
              element("th", { scope: "col", class: kind === "" ? undefined : kind }, label)
            ),
          ),
        ),
        body,
      ),
    );
  }

  get executions(): readonly Execution[] {
    return this.#executions;
  }

  show(executions: readonly Execution[]): void {
    this.#executions = executions;
    this.#rows.show(executions);
  }

  /** Follows one that has ended. @returns whether it is here */
  take(execution: Execution): boolean {
    const row = this.#rows.get(execution.id);
    if (row === undefined) return false;
    this.#executions = this.#executions.map((one) => one.id === execution.id ? execution : one);
    row.update(execution);
    return true;
  }

  /** Takes those of a task away. */
  forget(task: string): void {
    this.show(this.#executions.filter((execution) => execution.task !== task));
  }

  /** Shows anew what tasks are called. */
  refresh(): void {
    for (const { id } of this.#executions) this.#rows.get(id)?.refresh();
  }
}
