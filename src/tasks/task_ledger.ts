/**
 * What becomes of tasks, as the store has it. Each of these changes is made whole or not at all, by the table of states, and
 * told to listeners when it is committed, not before.
 */
import type { StoredActivity } from "./captured_activity.ts";
import { retryDelay } from "./retry_policy.ts";
import type { RunEnd } from "./run_end.ts";
import { type ExecutionEnd, isFailure, type StoredLog, type Trigger } from "./store/execution_table.ts";
import type { TaskChange, TaskRecord } from "./store/task_table.ts";
import type { TaskStore } from "./store/task_store.ts";
import type { TaskEvent, TaskEvents } from "./task_events.ts";
import { askedState, nextState, type TaskAction, type TaskState } from "./task_states.ts";
import type { ErrorCode } from "../core/errors.ts";

export interface TaskLedgerOptions {
  readonly store: TaskStore;
  readonly events: TaskEvents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** An execution that begins. */
export interface BegunExecution {
  /** As it is now. */
  readonly task: TaskRecord;
  readonly execution: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly checkpoint: Uint8Array | undefined;
}

/** An execution of which nothing runs any more. */
export interface EndedExecution {
  readonly id: string;
  readonly execution: number;
  /** Whether the state of the task is about it: not of one that somebody has stopped. */
  readonly current: boolean;
  readonly end: RunEnd;
  readonly log: StoredLog;
  readonly activity: StoredActivity;
  /** Microseconds. */
  readonly durationUs: number;
}

/** What would end in the same way each time. */
const HOPELESS: ReadonlySet<string> = new Set<ErrorCode | "deadline">([
  "ModuleInvalid",
  "ModuleRefused",
  "MissingImport",
  "FunctionNotFound",
  "TypeMismatch",
  "InvalidOption",
  "LimitTooLow",
  "CapabilityDenied",
  "deadline",
]);

const CUT_OFF = "The process that ran it ended in the midst of it";

/** How often a task goes on from one checkpoint: it may be what ends the process. */
const MOST_RESUMES = 20;

/** Milliseconds before a guest is tried again that could not go on, twice as many each time, but so often at most. */
const RESUME_PAUSE = 500, MOST_DOUBLINGS = 7;

/** Characters of arguments that are kept with each execution; the task has them all. */
const LONGEST_INPUTS = 16 * 1024;

/** What is kept of an execution beside its end. */
interface Said {
  readonly log: StoredLog;
  readonly activity: StoredActivity;
}

const NOTHING_SAID: Said = { log: { lines: [], cut: 0 }, activity: { entries: [], cut: 0 } };

const NOTHING_KNOWN = {
  results: undefined,
  fuel: undefined,
  cpuUs: undefined,
  peakMemory: undefined,
  hostCalls: undefined,
  denials: undefined,
} as const;

export class TaskLedger {
  readonly #options: TaskLedgerOptions;
  /** Of the change that is being made. */
  #untold: TaskEvent[] = [];

  constructor(options: TaskLedgerOptions) {
    this.#options = options;
  }

  /** @param alongside is committed with it @throws {AegisError} `WrongState` for a task that is active */
  start({ id, state }: TaskRecord, trigger: Trigger, alongside?: () => void): TaskRecord | undefined {
    const { store, now } = this.#options;
    askedState(state, "start");
    return this.#change(id, () => {
      store.checkpoints.remove(id);
      this.#move(id, "start", { trigger, attempt: 0, queuedAt: now(), dueAt: undefined, error: undefined });
      alongside?.();
    });
  }

  /** @throws {AegisError} `WrongState` */
  pause({ id, state }: TaskRecord): TaskRecord | undefined {
    askedState(state, "pause");
    return this.#change(id, () => void this.#move(id, "pause", { dueAt: undefined }));
  }

  /** @param goesOn whether its guest stands still, and goes on; else it waits for one @throws {AegisError} `WrongState` */
  resume({ id, state }: TaskRecord, goesOn: boolean): TaskRecord | undefined {
    const { now } = this.#options;
    askedState(state, "resume");
    return this.#change(
      id,
      () => void (goesOn ? this.#move(id, "goOn", {}) : this.#move(id, "resume", { queuedAt: now() })),
    );
  }

  /** @throws {AegisError} `WrongState` */
  stop({ id, state }: TaskRecord): TaskRecord | undefined {
    askedState(state, "stop");
    return this.#change(id, () => {
      this.#move(id, "stop", { dueAt: undefined });
      this.#options.store.checkpoints.remove(id);
    });
  }

  /** @returns the task as it is then: a change that was made can be told without asking the store again */
  #change(id: string, work: () => void): TaskRecord | undefined {
    return this.#commit(() => {
      work();
      return this.#options.store.tasks.get(id);
    });
  }

  /** An execution begins; undefined for a task that waits for none any more. */
  begin(id: string): BegunExecution | undefined {
    const { store, now } = this.#options;
    return this.#commit(() => {
      const task = store.tasks.get(id);
      if (task?.state !== "queued") return undefined;
      const { settings: { args, argv }, trigger } = task,
        checkpoint = store.checkpoints.get(id),
        time = now();
      const attempt = task.attempt + (checkpoint === undefined ? 1 : 0);
      const inputs = JSON.stringify(argv.length > 0 ? argv : args);
      this.#move(id, "admit", { attempt }, task.state);
      const execution = store.executions.begin({
        task: id,
        attempt,
        trigger,
        queuedAt: task.queuedAt ?? time,
        startedAt: time,
        inputs: inputs.length <= LONGEST_INPUTS ? inputs : undefined,
      });
      this.#tell({ type: "execution_started", time, task: id, execution, attempt });
      return { task: { ...task, state: "running", attempt }, execution, startedAt: time, checkpoint };
    });
  }

  /** An execution has ended: what comes of its task. @returns the task, if it is still there */
  end({ id, execution, current, end, log, activity, durationUs }: EndedExecution): TaskRecord | undefined {
    const { store, now } = this.#options;
    return this.#commit(() => {
      const task = store.tasks.get(id);
      if (task === undefined) return undefined; // its history is gone with it
      const closed = { ...usedBy(end), finishedAt: now(), durationUs };
      const counts = this.#close(task, execution, closed, { log, activity });
      if (!current || end.status === "interrupted") {
        store.tasks.change(id, counts, now());
        if (current && end.unrestored) this.#resumeLater(task, end.error);
        else if (current) this.#cut(task);
        return store.tasks.get(id);
      }
      store.checkpoints.remove(id);
      // One change of the row for both, since nearly every execution ends here.
      const { action, change } = this.#verdict(task, end), all = { ...change, ...counts };
      if (!this.#move(id, action, all, task.state)) store.tasks.change(id, counts, now());
      return store.tasks.get(id);
    });
  }

  /** The same where the store did not take how it has ended: its task has failed. */
  endUnknown({ id, execution, current, durationUs }: EndedExecution, error: string): TaskRecord | undefined {
    const { store, now } = this.#options;
    return this.#commit(() => {
      const isLatest = store.executions.latest(id) === execution; // it may be long ago
      const end = { ...NOTHING_KNOWN, status: "failed", outcome: "store", error } as const;
      const task = store.tasks.get(id);
      if (task === undefined) return undefined;
      store.tasks.change(
        id,
        this.#close(task, execution, { ...end, finishedAt: now(), durationUs }, NOTHING_SAID),
        now(),
      );
      if (current && isLatest) {
        store.checkpoints.remove(id);
        this.#move(id, "fail", { error });
      }
      return store.tasks.get(id);
    });
  }

  /** The wait for another try is over. @returns the task, if it has waited */
  endWait(id: string): TaskRecord | undefined {
    const { store, now } = this.#options;
    return this.#commit(() =>
      this.#move(id, "due", { queuedAt: now(), dueAt: undefined }) ? store.tasks.get(id) : undefined
    );
  }

  /** What the last process has left under way was cut off. */
  recover(): void {
    const { store, now } = this.#options;
    this.#commit(() => {
      const end = {
        ...NOTHING_KNOWN,
        status: "interrupted",
        outcome: "interrupted",
        error: CUT_OFF,
      } as const;
      for (const { id, task: owner, startedAt } of store.executions.unfinished()) {
        const durationUs = 1000 * Math.max(0, now() - startedAt);
        const task = store.tasks.get(owner);
        if (task === undefined) continue;
        const closed = { ...end, finishedAt: now(), durationUs };
        store.tasks.change(owner, this.#close(task, id, closed, NOTHING_SAID), now());
        this.#cut(task);
      }
      for (const id of store.tasks.ids({ states: ["running"] })) this.#move(id, "cut", { error: CUT_OFF });
    });
  }

  /** Writes down how an execution has ended. @returns what of its task has to change for that */
  #close(task: TaskRecord, execution: number, end: ExecutionEnd, said: Said): TaskChange {
    const { store, now, events } = this.#options, { id, settings } = task;
    store.executions.end(execution, end, said.log);
    store.activity.put(execution, said.activity);
    const executions = task.executions + 1, failures = task.failures + (isFailure(end.status) ? 1 : 0);
    if (executions > settings.history) store.executions.trimTask(id, settings.history);
    const ended = events.active ? store.executions.get(execution) : undefined;
    if (ended !== undefined) {
      this.#tell({ type: "execution_finished", time: now(), task: id, execution: ended });
    }
    return { executions, failures, fuel: task.fuel + (end.fuel ?? 0n) };
  }

  /** What comes of a task whose execution has come to its end. */
  #verdict(
    { settings, attempt, state }: TaskRecord,
    { status, outcome, error }: RunEnd,
  ): { readonly action: TaskAction; readonly change: TaskChange } {
    const { now, random } = this.#options;
    if (status === "succeeded") return { action: "complete", change: { error: undefined } };
    const delay = HOPELESS.has(outcome) ? undefined : retryDelay(settings.retries, attempt, random());
    if (delay === undefined) return { action: "fail", change: { error } };
    const dueAt = state === "paused" ? undefined : Math.round(now() + delay);
    return { action: "retry", change: { error, dueAt, trigger: "retry" } };
  }

  /** An execution was cut off: the task is tried again where it may be, or where it can go on. */
  #cut({ id, state, attempt, settings: { retries } }: TaskRecord): void {
    if (!this.#move(id, "cut", { error: CUT_OFF })) return; // somebody has stopped it, or started it again, meanwhile
    if (!this.#isSaved(id) && !(retries.interrupted && attempt <= retries.count)) return;
    this.#move(id, "start", { trigger: "recovery", queuedAt: this.#options.now(), error: undefined });
    if (state === "paused") this.#move(id, "pause", {});
  }

  /** Its guest could not go on from the checkpoint: that stays, and is tried again, ever later, and not for ever. */
  #resumeLater({ id, state }: TaskRecord, error: string | undefined): void {
    const { store, now } = this.#options;
    if (!this.#isSaved(id)) return void this.#move(id, "fail", { error });
    const pause = RESUME_PAUSE * 2 ** Math.min(store.checkpoints.interruptions(id), MOST_DOUBLINGS);
    const dueAt = state === "paused" ? undefined : Math.round(now() + pause);
    this.#move(id, "retry", { error, dueAt, trigger: "recovery" });
  }

  /** Whether it can go on from a checkpoint; one from which it does not get on is forgotten. */
  #isSaved(id: string): boolean {
    const { checkpoints } = this.#options.store;
    if (!checkpoints.has(id)) return false;
    if (checkpoints.interruptions(id) <= MOST_RESUMES) return true;
    checkpoints.remove(id);
    return false;
  }

  /**
   * Changes the state of a task as the table says.
   *
   * @param from its state, where that was read in this transaction
   * @returns whether it leads anywhere; else nothing was changed
   */
  #move(
    id: string,
    action: TaskAction,
    change: TaskChange,
    from: TaskState | undefined = this.#options.store.tasks.state(id),
  ): boolean {
    const { store, now } = this.#options, to = from === undefined ? undefined : nextState(from, action);
    if (from === undefined || to === undefined) return false;
    const time = now();
    store.tasks.change(id, { state: to, ...change }, time);
    if (from !== to) this.#tell({ type: "task_state", time, task: id, from, to });
    return true;
  }

  #tell(event: TaskEvent): void {
    this.#untold.push(event);
  }

  #commit<Result>(work: () => Result): Result {
    const { store, events } = this.#options;
    this.#untold = [];
    const result = store.transaction(work);
    for (const event of this.#untold) events.tell(event);
    return result;
  }
}

/** What is remembered of how a run ended. */
function usedBy(
  { status, outcome, error, results, metrics }: RunEnd,
): Omit<ExecutionEnd, "finishedAt" | "durationUs"> {
  return {
    status,
    outcome,
    error,
    results,
    fuel: metrics?.fuelConsumed,
    cpuUs: metrics === undefined ? undefined : Math.round(1000 * metrics.cpuTime),
    peakMemory: metrics?.peakMemory,
    hostCalls: metrics?.hostCalls,
    denials: metrics?.denials,
  };
}
