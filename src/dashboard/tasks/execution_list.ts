/** The view of executions of all tasks: filters, the table, export. */
import type { Query } from "../api.ts";
import { errorText } from "../api_error.ts";
import type { Execution, Page } from "../api_types.ts";
import { part } from "../dom.ts";
import type { PageFrame, PageProgram } from "../frame.ts";
import { notice } from "../notices.ts";
import { soon } from "../soon.ts";
import { TaskNames } from "../task_names.ts";
import { ExecutionTable } from "./execution_table.ts";
import { exportButtons } from "./export_buttons.ts";
import { FilterBar } from "./filter_bar.ts";
import { ListAddress } from "./list_address.ts";
import { EXECUTION_STATUSES, filterQuery, isFiltered, type ListFilter } from "./list_filter.ts";
import { ModuleNames } from "./module_names.ts";
import { Pager, PART } from "./pager.ts";
import { ScrollMemory } from "./scroll_memory.ts";
import { statusCounts } from "./status_counts.ts";
import { taskEvent } from "./task_changes.ts";
import { setTitle } from "./view_title.ts";

/** Milliseconds between two looks while things happen. */
const LIST_PAUSE = 1000, COUNT_PAUSE = 2000;

export class ExecutionList implements PageProgram {
  readonly #frame: PageFrame;
  readonly #address: ListAddress;
  readonly #filter: FilterBar;
  readonly #table: ExecutionTable;
  readonly #pager: Pager;
  readonly #names: TaskNames;
  readonly #scroll: ScrollMemory = new ScrollMemory();
  readonly #modules: ModuleNames;
  readonly #empty: HTMLElement = part("executions-empty", HTMLElement);
  readonly #lookSoon: () => void = soon(() => this.#look(), LIST_PAUSE);
  readonly #countSoon: () => void = soon(() => this.#count(), COUNT_PAUSE);
  #asked = 0;
  #wasTyping = false;

  constructor(frame: PageFrame) {
    const { api } = frame;
    this.#frame = frame;
    setTitle("Executions");
    this.#names = new TaskNames(api);
    this.#modules = new ModuleNames(api);
    this.#address = new ListAddress({
      statuses: EXECUTION_STATUSES,
      fixed: { view: "executions" },
      onMove: () => this.#goTo(),
    });
    this.#filter = new FilterBar(part("executions-filter", HTMLElement), {
      statuses: EXECUTION_STATUSES,
      textLabel: "Task, error or log",
      timeLabel: "Began",
      groups: false,
      onChange: (filter, typing) => this.#filterBy(filter, typing),
    });
    this.#table = new ExecutionTable(part("executions-table", HTMLElement), "Executions", {
      task: (id) => ({ name: this.#names.of(id), module: this.#moduleText(id) }),
    });
    this.#pager = new Pager(part("executions-pager", HTMLElement), {
      what: "executions",
      onPrevious: () => this.#turn(() => this.#address.previous()),
      onNext: (from) => this.#turn(() => this.#address.next(from)),
    });
    exportButtons(part("executions-export", HTMLElement), {
      api,
      query: () => this.#query(),
      name: "executions",
    });
    this.#filter.show(this.#address.place.filter);
  }

  readonly refresh = async (): Promise<void> => {
    await Promise.all([this.#look(), this.#count(), this.#loadModules()]);
    this.#scroll.restore();
  };

  readonly onEvent = (type: string, data: unknown): void => {
    const event = taskEvent(type, data), { filter, from } = this.#address.place;
    if (type === "missed") this.#lookSoon();
    if (event === undefined) return;
    if (event.type === "task_removed") {
      this.#table.forget(event.task);
      this.#lookSoon();
      this.#countSoon();
    }
    if (event.type !== "execution_started" && event.type !== "execution_finished") return;
    if (event.type === "execution_finished") this.#table.take(event.execution);
    if (from === undefined && (event.type === "execution_started" || isFiltered(filter))) this.#lookSoon();
    this.#countSoon();
  };

  #query(): Query {
    const { filter } = this.#address.place;
    return { ...filterQuery({ ...filter, group: "" }, this.#frame.now()), status: filter.statuses.join(",") };
  }

  #moduleText(task: string): string {
    const module = this.#names.get(task)?.module;
    return module === undefined ? "" : this.#modules.text(module);
  }

  async #look(): Promise<void> {
    const asked = ++this.#asked, { from } = this.#address.place;
    const page = await this.#frame.api.get<Page<Execution>>("/executions", {
      ...this.#query(),
      limit: PART,
      from,
    });
    if (asked !== this.#asked) return; // somebody wants something else by now
    this.#table.show(page.items);
    this.#pager.show(this.#address.place, { shown: page.items.length, next: page.next, total: page.total });
    this.#empty.hidden = page.items.length > 0;
    this.#empty.textContent = isFiltered(this.#address.place.filter)
      ? "No execution fits these filters."
      : "Nothing was executed yet.";
    void this.#names.load(page.items.map(({ task }) => task), () => this.#table.refresh());
  }

  async #count(): Promise<void> {
    const { group: _, ...query } = filterQuery(this.#address.place.filter, this.#frame.now());
    const parameter = "status", statuses = EXECUTION_STATUSES;
    this.#filter.setCounts(
      await statusCounts(this.#frame.api, "/executions", { parameter, statuses, query }),
    );
  }

  async #loadModules(): Promise<void> {
    await this.#modules.load();
    this.#filter.setModules(this.#modules.all);
    this.#table.refresh();
  }

  #filterBy(filter: ListFilter, typing: boolean): void {
    this.#address.filter(filter, { replace: typing && this.#wasTyping });
    this.#wasTyping = typing;
    this.#lookNow();
  }

  /** Shows another part, from its top. */
  #turn(go: () => void): void {
    go();
    scrollTo({ top: 0 });
    this.#lookNow();
  }

  #goTo(): void {
    this.#filter.show(this.#address.place.filter);
    this.#lookNow();
  }

  #lookNow(): void {
    Promise.all([this.#look(), this.#count()]).catch((error) => notice(errorText(error), "failed"));
  }
}
