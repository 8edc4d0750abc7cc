/** The view of all tasks: filters, the table, what is done with one and with many. */
import type { Query } from "../api.ts";
import { errorText } from "../api_error.ts";
import type { Group, Page, Task } from "../api_types.ts";
import { confirmed } from "../confirm.ts";
import { element, fill, part } from "../dom.ts";
import type { PageFrame, PageProgram } from "../frame.ts";
import { attempt, notice } from "../notices.ts";
import { soon } from "../soon.ts";
import { READ_ONLY } from "./action_buttons.ts";
import { takeDroppedFiles } from "./drop_anywhere.ts";
import { NewTaskDialog } from "./new_task_dialog.ts";
import { BulkBar } from "./bulk_bar.ts";
import { orderWithProgress } from "./bulk_dialog.ts";
import { allTasks, type NamedTask } from "./bulk_order.ts";
import { FilterBar } from "./filter_bar.ts";
import { ListAddress } from "./list_address.ts";
import { filterQuery, isFiltered, type ListFilter, TASK_STATES } from "./list_filter.ts";
import { ModuleNames } from "./module_names.ts";
import { Pager, PART } from "./pager.ts";
import { ScrollMemory } from "./scroll_memory.ts";
import { Selection } from "./selection.ts";
import { statusCounts } from "./status_counts.ts";
import { deletionText, type TaskActionName } from "./task_actions.ts";
import { type TaskEvent, taskEvent } from "./task_changes.ts";
import { orderTask } from "./task_order.ts";
import { TaskTable } from "./task_table.ts";

/** Milliseconds between two looks at the list, and at the counts, while things happen. */
const LIST_PAUSE = 1000, COUNT_PAUSE = 2000;

export class TaskList implements PageProgram {
  readonly #frame: PageFrame;
  readonly #address: ListAddress;
  readonly #filter: FilterBar;
  readonly #table: TaskTable;
  readonly #pager: Pager;
  readonly #bulk: BulkBar;
  readonly #modules: ModuleNames;
  readonly #selection: Selection;
  readonly #dialog: NewTaskDialog;
  readonly #scroll: ScrollMemory = new ScrollMemory();
  readonly #names: Map<string, string> = new Map();
  readonly #empty: HTMLElement = part("tasks-empty", HTMLElement);
  readonly #lookSoon: () => void = soon(() => this.#look(), LIST_PAUSE);
  readonly #countSoon: () => void = soon(() => this.#count(), COUNT_PAUSE);
  /** Events since a part of the list was asked for: its answer may be older than they are. */
  #since: TaskEvent[] | undefined;
  #asked = 0;
  #total = 0;

  constructor(frame: PageFrame) {
    this.#frame = frame;
    const { readOnly } = frame;
    this.#modules = new ModuleNames(frame.api);
    this.#selection = new Selection(() => this.#showSelection());
    this.#address = new ListAddress({ statuses: TASK_STATES, onMove: () => this.#goTo() });
    this.#filter = new FilterBar(part("tasks-filter", HTMLElement), {
      statuses: TASK_STATES,
      textLabel: "Name",
      timeLabel: "Made",
      groups: true,
      onChange: (filter, typing) => this.#filterBy(filter, typing),
    });
    this.#table = new TaskTable(part("tasks-table", HTMLElement), {
      readOnly,
      moduleText: (hash) => this.#modules.text(hash),
      isSelected: (id) => this.#selection.has(id),
      onSelect: (id, selected) => this.#select(id, selected),
      onSelectAll: (selected) => this.#selection.set(this.#table.tasks.map(({ id }) => id), selected),
      onOrder: (task, action) => void orderTask(frame.api, task, action),
    });
    this.#pager = new Pager(part("tasks-pager", HTMLElement), {
      what: "tasks",
      onPrevious: () => this.#turn(() => this.#address.previous()),
      onNext: (from) => this.#turn(() => this.#address.next(from)),
    });
    this.#bulk = new BulkBar(part("tasks-bulk", HTMLElement), {
      readOnly,
      onOrder: (action) => void this.#order(action),
      onEverything: () => this.#selection.selectEverything(),
      onClear: () => this.#selection.clear(),
    });
    this.#filter.show(this.#address.place.filter);
    this.#dialog = new NewTaskDialog(frame);
    const button = part("new-task", HTMLButtonElement);
    button.disabled = readOnly;
    if (readOnly) button.title = READ_ONLY;
    button.addEventListener("click", () => this.#newTask());
    if (!readOnly) takeDroppedFiles((file) => this.#newTask(file));
  }

  /** Keys of the view. */
  readonly shortcuts = [
    { keys: "n", doc: "New task", run: () => this.#newTask() },
    { keys: "j", doc: "Next task; Enter opens it", run: () => this.#table.move(1) },
    { keys: "k", doc: "Previous task", run: () => this.#table.move(-1) },
    { keys: "x", doc: "Select the task", run: () => this.#table.toggle() },
  ];

  readonly refresh = async (): Promise<void> => {
    const choices = this.#loadChoices();
    await Promise.all([this.#look(), this.#count()]);
    this.#scroll.restore();
    choices.catch(() => {}); // the next connection has them
  };

  readonly onEvent = (type: string, data: unknown): void => {
    if (type === "missed") this.#lookSoon();
    const event = taskEvent(type, data);
    if (event === undefined || event.type === "log") return;
    this.#since?.push(event);
    this.#table.take(event);
    if (event.type === "task_removed") this.#selection.forget(event.task);
    if (this.#mayChangeList(event)) this.#lookSoon();
    if (event.type.startsWith("task_")) this.#countSoon();
  };

  /** Whether other tasks may fit the filter now. Parts behind the first stand still: nothing moves under who reads them. */
  #mayChangeList({ type }: TaskEvent): boolean {
    const { filter, from } = this.#address.place;
    if (type === "task_removed") return true;
    if (type === "task_created") return from === undefined;
    return type === "task_state" && filter.statuses.length > 0;
  }

  #query(): Query {
    const { filter } = this.#address.place;
    return { ...filterQuery(filter, this.#frame.now()), state: filter.statuses.join(",") };
  }

  async #look(): Promise<void> {
    const asked = ++this.#asked, { from } = this.#address.place, since: TaskEvent[] = this.#since = [];
    const page = await this.#frame.api.get<Page<Task>>("/tasks", { ...this.#query(), limit: PART, from });
    if (asked !== this.#asked) return; // somebody wants something else by now
    this.#since = undefined;
    this.#total = page.total;
    for (const { id, name } of page.items) this.#names.set(id, name);
    this.#table.show(page.items);
    for (const event of since) this.#table.take(event);
    this.#pager.show(this.#address.place, { shown: page.items.length, next: page.next, total: page.total });
    this.#showEmpty(page.items.length === 0);
    this.#showSelection();
    void this.#nameModules(page.items);
  }

  async #nameModules(tasks: readonly Task[]): Promise<void> {
    try {
      if (!await this.#modules.want(tasks.map(({ module }) => module))) return;
    } catch {
      return; // hashes stand for them
    }
    this.#filter.setModules(this.#modules.all);
    this.#table.showSelection();
  }

  async #count(): Promise<void> {
    const query = filterQuery(this.#address.place.filter, this.#frame.now());
    this.#filter.setCounts(
      await statusCounts(this.#frame.api, "/tasks", { parameter: "state", statuses: TASK_STATES, query }),
    );
  }

  async #loadChoices(): Promise<void> {
    const [{ items }] = await Promise.all([
      this.#frame.api.get<{ items: Group[] }>("/groups"),
      this.#modules.load(),
    ]);
    this.#filter.setGroups(items.map(({ name }) => name));
    this.#filter.setModules(this.#modules.all);
    this.#table.showSelection();
  }

  #filterBy(filter: ListFilter, typing: boolean): void {
    this.#selection.clear();
    const replace = typing && this.#wasTyping;
    this.#wasTyping = typing;
    this.#address.filter(filter, { replace });
    this.#lookNow();
  }

  /** A text that is typed is one step for the browser, not one for each key. */
  #wasTyping = false;

  /** Shows another part, from its top. */
  #turn(go: () => void): void {
    go();
    scrollTo({ top: 0 });
    this.#lookNow();
  }

  #goTo(): void {
    this.#selection.clear();
    this.#filter.show(this.#address.place.filter);
    this.#lookNow();
  }

  #lookNow(): void {
    Promise.all([this.#look(), this.#count()]).catch((error) => notice(errorText(error), "failed"));
  }

  #showEmpty(isEmpty: boolean): void {
    this.#empty.hidden = !isEmpty;
    if (!isEmpty) return;
    const { filter, from } = this.#address.place;
    fill(
      this.#empty,
      from !== undefined
        ? "Nothing is left on this page."
        : isFiltered(filter)
        ? "No task fits these filters."
        : this.#frame.readOnly
        ? "There are no tasks yet."
        : [
          "There are no tasks yet. Press ",
          element("kbd", {}, "n"),
          " to make one, or drop a .wasm or .wat file here.",
        ],
    );
  }

  #select(id: string, selected: boolean): void {
    if (selected) this.#selection.set([id], true);
    else this.#selection.unset(id, this.#table.tasks.map((task) => task.id));
  }

  #showSelection(): void {
    const { everything, ids } = this.#selection;
    this.#table.showSelection();
    this.#bulk.show({ count: everything ? this.#total : ids.length, total: this.#total, everything });
  }

  async #order(action: TaskActionName): Promise<void> {
    const tasks = await this.#chosen();
    if (tasks === undefined || tasks.length === 0) return;
    if (action === "remove") {
      const title = tasks.length === 1
        ? `Delete “${tasks[0]?.name}”?`
        : `Delete ${tasks.length.toLocaleString()} tasks?`;
      if (!await confirmed({ title, text: deletionText(tasks.length), action: "Delete" })) return;
    }
    this.#selection.clear();
    await orderWithProgress(this.#frame.api, action, tasks);
    this.#lookSoon();
    this.#countSoon();
  }

  #newTask(file?: File): void {
    if (this.#frame.readOnly) return notice(READ_ONLY, "failed");
    void this.#dialog.open(file);
  }

  /** Those that are meant, by name. */
  async #chosen(): Promise<NamedTask[] | undefined> {
    const { everything, ids } = this.#selection;
    if (!everything) return ids.map((id) => ({ id, name: this.#names.get(id) ?? id }));
    let found: NamedTask[] | undefined;
    await attempt(async () => {
      found = await allTasks(this.#frame.api, this.#query(), AbortSignal.timeout(60_000));
    });
    return found;
  }
}
