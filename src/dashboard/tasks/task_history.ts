/** What a task has done: a table in parts, filtered by status, a scatter of durations, export. */
import type { Query } from "../api.ts";
import type { Execution, Page } from "../api_types.ts";
import { part } from "../dom.ts";
import type { PageFrame } from "../frame.ts";
import { attempt } from "../notices.ts";
import { soon } from "../soon.ts";
import { DurationScatter } from "./duration_scatter.ts";
import { ExecutionTable } from "./execution_table.ts";
import { exportButtons } from "./export_buttons.ts";
import { ListAddress } from "./list_address.ts";
import { EXECUTION_STATUSES, NO_FILTER } from "./list_filter.ts";
import { Pager, PART } from "./pager.ts";
import { StatusChips } from "./status_chips.ts";
import { statusCounts } from "./status_counts.ts";

/** Milliseconds between two looks at the table, and at counts and picture, while things happen. */
const LIST_PAUSE = 1000, PICTURE_PAUSE = 3000;

/** Executions in the picture, the latest. */
const PICTURED = 1000;

export class TaskHistory {
  readonly #frame: PageFrame;
  readonly #task: string;
  readonly #address: ListAddress;
  readonly #chips: StatusChips;
  readonly #table: ExecutionTable;
  readonly #pager: Pager;
  readonly #scatter: DurationScatter = new DurationScatter(part("task-scatter", HTMLElement));
  readonly #empty: HTMLElement = part("history-empty", HTMLElement);
  readonly #lookSoon: () => void = soon(() => this.#look(), LIST_PAUSE);
  readonly #drawSoon: () => void = soon(() => this.#draw(), PICTURE_PAUSE);
  #asked = 0;

  constructor(frame: PageFrame, task: string) {
    this.#frame = frame;
    this.#task = task;
    this.#address = new ListAddress({
      statuses: EXECUTION_STATUSES,
      fixed: { task },
      onMove: () => this.#lookNow(),
    });
    this.#chips = new StatusChips(EXECUTION_STATUSES, (statuses) => {
      this.#address.filter({ ...NO_FILTER, statuses });
      this.#lookNow();
    });
    part("history-filter", HTMLElement).append(this.#chips.root);
    this.#table = new ExecutionTable(part("history-table", HTMLElement), "Executions of this task");
    this.#pager = new Pager(part("history-pager", HTMLElement), {
      what: "executions",
      onPrevious: () => this.#turn(() => this.#address.previous()),
      onNext: (from) => this.#turn(() => this.#address.next(from)),
    });
    exportButtons(part("history-export", HTMLElement), {
      api: frame.api,
      query: () => this.#query(),
      name: `executions-${task.slice(0, 8)}`,
    });
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#look(), this.#draw()]);
  }

  /** One has begun. */
  takeStart(): void {
    if (this.#address.place.from === undefined) this.#lookSoon();
    this.#drawSoon();
  }

  /** One has ended. */
  takeEnd(execution: Execution): void {
    this.#table.take(execution);
    this.takeStart();
  }

  #query(): Query {
    return { task: this.#task, status: this.#address.place.filter.statuses.join(",") };
  }

  async #look(): Promise<void> {
    const asked = ++this.#asked, { place } = this.#address;
    this.#chips.press(place.filter.statuses);
    const page = await this.#frame.api.get<Page<Execution>>("/executions", {
      ...this.#query(),
      limit: PART,
      from: place.from,
    });
    if (asked !== this.#asked) return; // somebody wants something else by now
    this.#table.show(page.items);
    this.#pager.show(place, { shown: page.items.length, next: page.next, total: page.total });
    this.#empty.hidden = page.items.length > 0;
    this.#empty.textContent = place.filter.statuses.length > 0
      ? "No execution fits this filter."
      : "It was never started.";
  }

  async #draw(): Promise<void> {
    const { api } = this.#frame, query = { task: this.#task };
    const [counts, { items }] = await Promise.all([
      statusCounts(api, "/executions", { parameter: "status", statuses: EXECUTION_STATUSES, query }),
      api.get<Page<Execution>>("/executions", { ...query, limit: PICTURED }),
    ]);
    this.#chips.count(counts);
    this.#scatter.show(items);
  }

  #turn(go: () => void): void {
    go();
    part("history-title", HTMLElement).scrollIntoView({ block: "nearest" });
    this.#lookNow();
  }

  #lookNow(): void {
    void attempt(() => this.#look());
  }
}
