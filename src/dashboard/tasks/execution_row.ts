/** An execution in a table. */
import type { Execution } from "../api_types.ts";
import { badge } from "../badges.ts";
import { element, fill } from "../dom.ts";
import { bytesText, countText, durationText, exactText, timeElement } from "../format.ts";
import { executionLink, taskLink } from "../links.ts";
import type { KeyedRow } from "./keyed_rows.ts";
import { outcomeWords, triggerWords } from "./outcome_words.ts";
import { showAttribute, showText, visibleName } from "./shown_text.ts";

export interface ExecutionRowOptions {
  /** Tells what the task is called, and its module, where executions of several tasks are shown. */
  readonly task?: (id: string) => { readonly name: string; readonly module: string };
}

export interface ExecutionColumn {
  readonly label: string;
  readonly kind: string;
}

/** The columns, in their order. */
export function executionColumns({ task }: ExecutionRowOptions): readonly ExecutionColumn[] {
  return [
    { label: "Execution", kind: "" },
    ...(task === undefined ? [] : [{ label: "Task", kind: "name" }, { label: "Module", kind: "module" }]),
    { label: "Status", kind: "" },
    { label: "Began", kind: "when" },
    { label: "Duration", kind: "number" },
    { label: "Fuel", kind: "number" },
    { label: "Peak memory", kind: "number" },
    { label: "Host calls", kind: "number" },
    { label: "Denials", kind: "number" },
    ...(task === undefined ? [{ label: "Came of", kind: "" }] : []),
    { label: "Outcome", kind: "outcome" },
  ];
}

export class ExecutionRow implements KeyedRow<Execution> {
  readonly root: HTMLTableRowElement;
  readonly #options: ExecutionRowOptions;
  readonly #cells: readonly HTMLElement[];
  #execution: Execution;

  constructor(execution: Execution, options: ExecutionRowOptions) {
    this.#execution = execution;
    this.#options = options;
    this.#cells = executionColumns(options).slice(1).map(({ kind }) =>
      element("td", { class: kind === "" ? undefined : kind })
    );
    this.root = element(
      "tr",
      { "data-execution": execution.id },
      element(
        "th",
        { scope: "row" },
        element("a", { href: executionLink(execution.id) }, `#${execution.id}`),
      ),
      this.#cells,
    );
    this.#show();
  }

  update(execution: Execution): void {
    if (JSON.stringify(execution) === JSON.stringify(this.#execution)) return this.refresh();
    this.#execution = execution;
    this.#show();
  }

  /** Shows what stands beside the execution itself: what its task is called. */
  refresh(): void {
    const { task } = this.#options, [name, module] = this.#cells;
    if (task === undefined || name === undefined || module === undefined) return;
    const known = task(this.#execution.task), link = name.firstElementChild;
    if (link === null) {
      fill(name, element("a", { href: taskLink(this.#execution.task) }, visibleName(known.name)));
    } else showText(link, visibleName(known.name));
    showText(module, known.module);
    showAttribute(module, "title", known.module);
  }

  #show(): void {
    const execution = this.#execution, { fuel, error } = execution, words = outcomeWords(execution);
    this.refresh();
    const own: readonly (Node | string)[] = [
      badge(execution.status),
      timeElement(execution.startedAt),
      durationText(execution.durationUs),
      countText(fuel),
      bytesText(execution.peakMemory),
      countText(execution.hostCalls),
      countText(execution.denials),
      ...(this.#options.task === undefined ? [triggerWords(execution)] : []),
      words,
    ];
    const cells = this.#cells.slice(-own.length);
    own.forEach((shown, index) => cells[index] !== undefined && fill(cells[index], shown));
    const last = cells.at(-1);
    if (last !== undefined) showAttribute(last, "title", error ?? words);
    if (fuel !== null && cells[3] !== undefined) showAttribute(cells[3], "title", `${exactText(fuel)} units`);
  }
}
