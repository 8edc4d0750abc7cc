/**
 * Tasks on one machine: modules that are kept, tasks that run them when they are told to, a history of what they did.
 * Everything that is said to be done is in the database; a process that is killed goes on where it was.
 */
import { type BulkAction, type BulkResult, checkBulkAction } from "./bulk_action.ts";
import type { StoredActivity } from "./captured_activity.ts";
import type { LogBounds } from "./captured_log.ts";
import { GuestSet } from "./guest_set.ts";
import { type ManagerSettings, readManagerOptions, type TaskManagerOptions } from "./manager_options.ts";
import { Schedules } from "./schedules.ts";
import type { AuditTrail } from "./store/audit_table.ts";
import type { ExecutionFilter } from "./store/execution_filter.ts";
import type { ExecutionRecord, StoredLog, Trigger } from "./store/execution_table.ts";
import type { ExecutionSeries, SeriesOptions } from "./store/execution_series.ts";
import type { StoredModule } from "./store/module_table.ts";
import type { NewTask, Page, PageOptions, TaskFilter, TaskRecord } from "./store/task_table.ts";
import { TaskStore } from "./store/task_store.ts";
import { type TaskEvent, TaskEvents } from "./task_events.ts";
import { TaskScheduler } from "./task_scheduler.ts";
import { TaskRuntime } from "./task_runtime.ts";
import { checkAllowed, type ReadTask, readTaskOptions, type TaskOptions } from "./task_settings.ts";
import { TASK_STATES, type TaskState } from "./task_states.ts";
import type { TaskLoad, TaskStats } from "./task_stats.ts";
import { AegisError } from "../core/errors.ts";
import type { Metrics } from "../core/metrics.ts";
import { quote } from "../core/quote.ts";
import { type Duration, parseDuration } from "../core/units.ts";
import type { Aegis } from "../sandbox/aegis.ts";
import { SYSTEM_TIMERS, type Timers } from "../sandbox/timers.ts";

/** Bounds of an execution's log. */
const LOG_SIZE = 256 * 1024, LOG_LINE_SIZE = 8 * 1024;

/** Characters of a request key. */
const LONGEST_KEY = 200;

/** Milliseconds for which a guest is kept that nobody wants. */
const IDLE_TIME = 5000;

/** How often old executions are looked for, and how many are forgotten at once. */
const TRIM_PAUSE = 60_000, TRIM_STEP = 1000;

/**
 * Keeps tasks, runs them when they are told to, and remembers what they did.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 * import { TaskManager } from "jsr:@aegis/core/tasks";
 *
 * await using runtime = await Aegis.create({ timeout: "5s" });
 * await using tasks = TaskManager.open(runtime);
 * const { hash } = await tasks.addModule(await Deno.readFile("examples/simple.wasm"));
 * const { id } = tasks.create(hash, { name: "my-task" });
 * tasks.start(id);
 * await tasks.ended(id);
 * console.log(tasks.get(id).state); // completed
 * ```
 */
export class TaskManager implements AsyncDisposable {
  readonly #runtime: Aegis;
  readonly #store: TaskStore;
  readonly #settings: ManagerSettings;
  readonly #events: TaskEvents = new TaskEvents();
  readonly #guests: GuestSet;
  readonly #scheduler: TaskScheduler;
  readonly #schedules: Schedules;
  readonly #timers: Timers;
  #stopTrimming: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #storeErrors = 0;

  private constructor(runtime: Aegis, store: TaskStore, settings: ManagerSettings) {
    const timers = this.#timers = SYSTEM_TIMERS,
      now = () => Date.now(),
      { slots, guests, slice, logLines } = settings;
    this.#runtime = runtime;
    this.#store = store;
    this.#settings = settings;
    this.#guests = new GuestSet({ mostIdle: slots + 2, idleTime: IDLE_TIME, timers });
    const resources = new TaskRuntime(runtime, { store, guests: this.#guests });
    const report = (error: unknown, task?: string) => this.#report(error, task);
    const logBounds: LogBounds = { lines: logLines, size: LOG_SIZE, lineSize: LOG_LINE_SIZE };
    this.#scheduler = new TaskScheduler({
      store,
      events: this.#events,
      guests: this.#guests,
      module: (task, signal) => resources.module(task, signal),
      startGuest: (task) => resources.startGuest(task),
      isSaved: (task) => resources.isSaved(task),
      restoreGuest: (task, checkpoint) => resources.restoreGuest(task, checkpoint),
      slots,
      guestLimit: guests,
      slice,
      logBounds,
      timers,
      now,
      random: () => Math.random(),
      report,
    });
    this.#schedules = new Schedules({
      store,
      timers,
      now,
      start: (id, alongside) => this.#startBySchedule(id, alongside),
      report,
    });
  }

  /**
   * Opens the store, and goes on with what it says is to be done.
   *
   * @param runtime prepares modules and makes guests; its limits and capabilities bound every task's. It must outlive the tasks
   * @throws {AegisError} `InvalidOption`, `Busy` when another process has the store
   */
  static open(runtime: Aegis, options: TaskManagerOptions = {}): TaskManager {
    const settings = readManagerOptions(options), store = new TaskStore(options.store ?? ":memory:");
    const manager = new TaskManager(runtime, store, settings);
    try {
      manager.#scheduler.recover();
    } catch (error) {
      void manager.#scheduler.close(0); // nothing has begun, and nothing is waited for any more
      store.close();
      throw error;
    }
    manager.#schedules.begin();
    manager.#trim();
    return manager;
  }

  /**
   * Checks a module and keeps it.
   *
   * @throws {AegisError} as `Aegis.loadBytes`, and `Full`, `Closed`
   */
  async addModule(bytes: Uint8Array, name?: string): Promise<StoredModule> {
    const copy = bytes instanceof Uint8Array ? Uint8Array.from(bytes) : bytes; // the caller may write to his meanwhile
    const module = await this.#runtime.loadBytes(copy, name === undefined ? {} : { name });
    this.#checkOpen();
    const { hash } = module, { modules } = this.#store;
    if (!modules.has(hash)) {
      if (modules.size + copy.length > this.#settings.moduleBytes) throw full("modules", "moduleBytes");
      modules.add({ hash, name, bytes: copy, now: Date.now() });
    }
    const stored = modules.get(hash);
    if (stored === undefined) throw new AegisError("ModuleNotLoaded", "The module was removed meanwhile");
    return stored;
  }

  /** A module that is kept. */
  module(hash: string): StoredModule | undefined {
    return this.#store.modules.get(hash);
  }

  /** How many bytes a module has that is kept. */
  moduleSize(hash: string): number | undefined {
    return this.#store.modules.sizeOf(hash);
  }

  /** The bytes of a module that is kept. */
  moduleBytes(hash: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#store.modules.bytes(hash);
  }

  /** Modules that are kept, the latest first, at most 1,000. */
  modules(): readonly StoredModule[] {
    return this.#store.modules.list(1000);
  }

  /** Forgets a module. @throws {AegisError} `NotFound`, `Busy` while tasks run it */
  removeModule(hash: string): void {
    if (!this.#store.modules.has(hash)) throw notFound("module", hash);
    if (this.#store.modules.remove(hash)) return;
    throw new AegisError("Busy", "Cannot remove the module: tasks run it", { field: "module" });
  }

  /**
   * Makes a task. It does nothing before it is started.
   *
   * @param module hash of a module that is kept
   * @param requestKey a second task with the same key is not made: the first is given again, as long as it is there; 1 to
   * 200 characters
   * @throws {AegisError} `InvalidOption`, `LimitTooLow`, `NotFound`, `Full`, `Closed`
   */
  create(module: string, options: TaskOptions, requestKey?: string): TaskRecord {
    const read = readTaskOptions(options);
    this.#checkOpen();
    checkRequestKey(requestKey);
    const before = requestKey === undefined ? undefined : this.#store.tasks.byRequest(requestKey);
    if (before !== undefined) return before;
    const task = this.#newTask(module, read, requestKey);
    this.#checkRoom(1);
    const made = this.#store.transaction(() => this.#add(task));
    this.#tellMade([made]);
    return made;
  }

  /**
   * Makes several tasks of one module, all or none: sooner done than one after the other.
   *
   * @param module hash of a module that is kept
   * @throws {AegisError} as {@linkcode create}
   */
  createAll(module: string, options: readonly TaskOptions[]): TaskRecord[] {
    const read = options.map(readTaskOptions);
    this.#checkOpen();
    const tasks = read.map((one) => this.#newTask(module, one, undefined));
    this.#checkRoom(tasks.length);
    const made = this.#store.transaction(() => tasks.map((task) => this.#add(task)));
    this.#tellMade(made);
    return made;
  }

  /** A task that may be made. @throws {AegisError} `NotFound`, and what its settings are refused with */
  #newTask(module: string, read: ReadTask, requestKey: string | undefined): NewTask {
    if (!this.#store.modules.has(module)) throw notFound("module", module);
    checkAllowed(read.settings, this.#runtime); // rather than when it runs
    return { ...read, id: crypto.randomUUID(), module, createdAt: Date.now(), requestKey };
  }

  /** @throws {AegisError} `Full` */
  #checkRoom(more: number): void {
    if (this.#store.tasks.size + more > this.#settings.tasks) throw full("tasks", "tasks");
  }

  /** In one with reading it: what was made and cannot be read would be told as failed, and made once more. */
  #add(task: NewTask): TaskRecord {
    this.#store.tasks.add(task);
    return this.get(task.id);
  }

  #tellMade(tasks: readonly TaskRecord[]): void {
    if (!this.#events.active) return;
    for (const { id, name, createdAt } of tasks) {
      this.#events.tell({ type: "task_created", time: createdAt, task: id, name });
    }
  }

  /** A task. @throws {AegisError} `NotFound` */
  get(id: string): TaskRecord {
    const task = this.#store.tasks.get(id);
    if (task === undefined) throw notFound("task", id);
    return task;
  }

  /** Tasks, the latest first. */
  list(filter: TaskFilter = {}, page: PageOptions = { most: 100 }): Page<TaskRecord> {
    return this.#store.tasks.list(filter, page);
  }

  /** Starts a task that is not active. @throws {AegisError} `NotFound`, `WrongState` */
  start(id: string, trigger: Trigger = "start"): TaskRecord {
    this.#checkOpen();
    return this.#scheduler.start(this.get(id), trigger);
  }

  /** Has a task stand still, its guest in the midst of what it does. @throws {AegisError} `NotFound`, `WrongState` */
  pause(id: string): TaskRecord {
    return this.#scheduler.pause(this.get(id));
  }

  /** Lets a paused task go on. @throws {AegisError} `NotFound`, `WrongState` */
  resume(id: string): TaskRecord {
    this.#checkOpen();
    return this.#scheduler.resume(this.get(id));
  }

  /** Ends what a task does; it is not tried again. @throws {AegisError} `NotFound`, `WrongState` */
  stop(id: string): TaskRecord {
    return this.#scheduler.stop(this.get(id));
  }

  /** Starts a task anew, whatever it does. @throws {AegisError} `NotFound` */
  async restart(id: string): Promise<TaskRecord> {
    return await this.#settled(id, () => this.start(id));
  }

  /** Forgets a task and its history, whatever it does. @throws {AegisError} `NotFound` */
  async remove(id: string): Promise<void> {
    const { name } = this.get(id);
    await this.#settled(id, () => this.#store.tasks.remove(id));
    this.#schedules.look();
    if (this.#events.active) this.#events.tell({ type: "task_removed", time: Date.now(), task: id, name });
  }

  /**
   * Asks the same of several tasks; what one refuses concerns that one alone.
   *
   * @throws {AegisError} `InvalidOption` for an action that there is none of
   */
  async bulk(action: BulkAction, ids: readonly string[]): Promise<BulkResult[]> {
    checkBulkAction(action);
    const results: BulkResult[] = [];
    for (const id of ids) {
      try {
        const task = await this[action](id);
        results.push(task === undefined ? { id } : { id, task });
      } catch (error) {
        if (!(error instanceof AegisError)) throw error;
        results.push({ id, error });
      }
    }
    return results;
  }

  /** Ids of all tasks that a filter lets through, the oldest first. */
  ids(filter: TaskFilter): readonly string[] {
    return this.#store.tasks.ids(filter);
  }

  /** Ends when no execution of the task is under way. */
  ended(id: string): Promise<void> {
    return this.#scheduler.ended(id);
  }

  /** The groups, and how many of their tasks are in each state. */
  groups(): {
    readonly name: string;
    readonly tasks: number;
    readonly states: Partial<Record<TaskState, number>>;
  }[] {
    const { tasks } = this.#store;
    return tasks.groups().map((group) => ({ ...group, states: tasks.counts({ group: group.name }) }));
  }

  /** Executions, the latest first. */
  executions(filter: ExecutionFilter = {}, page: PageOptions = { most: 100 }): Page<ExecutionRecord> {
    return this.#store.executions.list(filter, page);
  }

  /** All executions that a filter lets through, the oldest first, one after the other. */
  eachExecution(filter: ExecutionFilter = {}): Iterable<ExecutionRecord> {
    return this.#store.executions.each(filter);
  }

  /** An execution. @throws {AegisError} `NotFound` */
  execution(id: number): ExecutionRecord {
    const execution = this.#store.executions.get(id);
    if (execution === undefined) throw notFound("execution", String(id));
    return execution;
  }

  /** The last execution of each of these tasks, as far as they have any. */
  lastExecutions(ids: readonly string[]): readonly ExecutionRecord[] {
    return this.#store.executions.latestOf(ids);
  }

  /** Counts executions over time. @param filter its times are those of the series */
  series(options: SeriesOptions, filter: ExecutionFilter = {}): ExecutionSeries {
    return this.#store.executions.series(filter, options);
  }

  /** What an execution has logged; of one that is under way, so far. @throws {AegisError} `NotFound` */
  log(id: number): StoredLog {
    const { task } = this.execution(id), live = this.#scheduler.log(task);
    if (live?.execution === id) return { lines: [...live.lines], cut: live.cut };
    return this.#store.executions.log(id) ?? { lines: [], cut: 0 };
  }

  /** What an execution has asked of the host; of one that is under way, so far. @throws {AegisError} `NotFound` */
  activity(id: number): StoredActivity {
    const { task } = this.execution(id), live = this.#scheduler.activity(task);
    if (live?.execution === id) return { entries: live.entries, cut: live.cut };
    return this.#store.activity.get(id) ?? { entries: [], cut: 0 };
  }

  /** What a task's guest has used so far; undefined when it has none. */
  metrics(id: string): Metrics | undefined {
    return this.#scheduler.metrics(id);
  }

  /** What is under way: meters are read, and one row of the database. */
  load(): TaskLoad {
    const live = this.#scheduler.executions(), { fuel } = this.#store.executions.totals();
    return {
      queued: this.#scheduler.waiting,
      live,
      fuel: live.reduce((sum, { metrics }) => sum + (metrics?.fuelConsumed ?? 0n), fuel),
    };
  }

  /** Counts of what there is, and of what was done. */
  stats(): TaskStats {
    const { tasks, executions, size } = this.#store, counts = tasks.counts(), totals = executions.totals();
    const states = Object.fromEntries(
      Object.keys(TASK_STATES).map((state) => [state, counts[state as TaskState] ?? 0]), // its own keys
    ) as Record<TaskState, number>;
    return {
      tasks: tasks.size,
      states,
      queued: this.#scheduler.waiting,
      live: this.#scheduler.live,
      ...totals,
      storeSize: size,
      storeErrors: this.#storeErrors,
    };
  }

  /** When tasks start by themselves. */
  get schedules(): Schedules {
    return this.#schedules;
  }

  /** Who did what. */
  get audit(): AuditTrail {
    return this.#store.audit;
  }

  /** Tells a function of what happens. @returns takes it back */
  subscribe(listener: (event: TaskEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /**
   * Takes no more work, waits for what is under way, saves what can be saved, cuts off what takes too long, and closes the
   * store. The runtime is the caller's to close.
   */
  close(options: { readonly grace?: Duration } = {}): Promise<void> {
    return this.#closing ??= this.#close(parseDuration(options.grace ?? "10s", "grace"));
  }

  /** As {@linkcode close}, with the default grace. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(grace: number): Promise<void> {
    this.#stopTrimming?.();
    this.#schedules.close();
    await this.#scheduler.close(grace);
    await this.#guests.close();
    this.#store.close();
  }

  /**
   * Does something in a moment in which the task is not active and nothing of it runs, whoever starts it meanwhile.
   *
   * @throws {AegisError} `NotFound`, and what it throws
   */
  async #settled<Result>(id: string, then: () => Result): Promise<Result> {
    for (;;) {
      const task = this.get(id);
      if (TASK_STATES[task.state].active) this.#scheduler.stop(task);
      if (!this.#scheduler.isLive(id)) return then();
      await this.#scheduler.ended(id);
    }
  }

  /** Tells of a failure of the store that no caller hears of. */
  #report(error: unknown, task?: string): void {
    this.#storeErrors++;
    const text = error instanceof Error ? error.message : String(error);
    this.#events.tell({ type: "store_error", time: Date.now(), task, error: text });
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new AegisError("Closed", "The tasks are being shut down");
  }

  #startBySchedule(id: string, alongside: () => void): boolean {
    const task = this.#store.tasks.get(id);
    if (task === undefined || TASK_STATES[task.state].active || this.#closing !== undefined) return false;
    this.#scheduler.start(task, "schedule", alongside);
    return true;
  }

  /** Forgets old executions, from time to time. */
  #trim(): void {
    let pause = TRIM_PAUSE;
    try {
      const trimmed = this.#store.executions.trimBefore(Date.now() - this.#settings.keepFor, TRIM_STEP);
      if (trimmed === TRIM_STEP) pause = 100;
    } catch (error) {
      this.#report(error);
    }
    this.#stopTrimming = this.#timers.after(pause, () => this.#trim(), false);
  }
}

/** @throws {AegisError} `InvalidOption` */
function checkRequestKey(key: string | undefined): void {
  if (key === undefined || typeof key === "string" && key !== "" && key.length <= LONGEST_KEY) return;
  throw new AegisError(
    "InvalidOption",
    `Cannot use that as a request key: use 1 to ${LONGEST_KEY} characters`,
    {
      field: "requestKey",
    },
  );
}

function notFound(what: string, id: string): AegisError {
  return new AegisError("NotFound", `There is no ${what} ${quote(id.slice(0, 80))}`, { field: what });
}

function full(what: string, option: string): AegisError {
  return new AegisError("Full", `Cannot keep more ${what}: there are as many as there may be`, {
    field: option,
    suggestion: `Remove some, or raise ${quote(option)}.`,
  });
}
