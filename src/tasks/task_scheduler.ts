/**
 * Runs tasks: who waits, who has a guest, who has the processor, who comes again. Every change of a task's state is in the
 * store before anything happens because of it, so that a process that is killed has neither lost a task nor run one twice
 * unseen.
 */
import type { StoredActivity } from "./captured_activity.ts";
import type { LogBounds } from "./captured_log.ts";
import type { GuestSet, TaskGuest } from "./guest_set.ts";
import type { RunEnd } from "./run_end.ts";
import { RunQueue } from "./run_queue.ts";
import { RunSaver } from "./run_saver.ts";
import { StoreDuty } from "./store_duty.ts";
import type { StoredLog, Trigger } from "./store/execution_table.ts";
import type { TaskRecord } from "./store/task_table.ts";
import type { TaskStore } from "./store/task_store.ts";
import type { TaskEvents } from "./task_events.ts";
import { type BegunExecution, TaskLedger } from "./task_ledger.ts";
import { TaskRun } from "./task_run.ts";
import type { TaskState } from "./task_states.ts";
import { TimeSlices } from "./time_slices.ts";
import type { Metrics } from "../core/metrics.ts";
import type { AegisModule } from "../sandbox/module.ts";
import type { Timers } from "../sandbox/timers.ts";

export interface TaskSchedulerOptions {
  readonly store: TaskStore;
  readonly events: TaskEvents;
  readonly guests: GuestSet;
  /** The module of a task. */
  readonly module: (task: TaskRecord, signal: AbortSignal) => Promise<AegisModule>;
  /** A guest for a task. */
  readonly startGuest: (task: TaskRecord) => Promise<TaskGuest>;
  /** Whether a task's guest can be saved in mid-computation. */
  readonly isSaved: (task: TaskRecord) => boolean;
  /** A guest that goes on from a checkpoint. */
  readonly restoreGuest: (task: TaskRecord, checkpoint: Uint8Array) => Promise<TaskGuest>;
  /** Guests that have the processor at once. */
  readonly slots: number;
  /** Guests at once, those that stand still included. */
  readonly guestLimit: number;
  /** Milliseconds. */
  readonly slice: number;
  readonly logBounds: LogBounds;
  readonly timers: Timers;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Told when the store fails where nobody waits for it. */
  readonly report: (error: unknown, task: string | undefined) => void;
}

/** An execution that is under way, as it is at this moment. */
export interface LiveExecution {
  /** Id. */
  readonly execution: number;
  /** Its task as it was when this began. */
  readonly task: TaskRecord;
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** `paused` while somebody has its guest stand still, `stopped` while it comes to its end since somebody wants that. */
  readonly state: Extract<TaskState, "running" | "paused" | "stopped">;
  /** What its guest has used so far; undefined before it has one. */
  readonly metrics: Metrics | undefined;
}

/** A task that has a guest, or is about to. */
interface Live {
  /** As it was admitted. */
  readonly task: TaskRecord;
  readonly run: TaskRun;
  readonly execution: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Of the timers, when it was admitted. */
  readonly began: number;
  readonly saver: RunSaver;
  readonly cancelDeadline: (() => void) | undefined;
  ended: Promise<void>;
  /** Whether its guest is still being made ready. */
  starting: boolean;
  /** Whether the state of the task is about it: not once somebody has stopped it. */
  current: boolean;
}

/** Milliseconds for which the state of a guest that stands still is waited for. */
const STATE_PATIENCE = 100;

/** A task that may run, as far as the queue is concerned. */
type Startable = Pick<TaskRecord, "id" | "priority">;

export class TaskScheduler {
  readonly #options: TaskSchedulerOptions;
  readonly #ledger: TaskLedger;
  readonly #duty: StoreDuty;
  readonly #queue: RunQueue = new RunQueue();
  readonly #live: Map<string, Live> = new Map();
  /** Tasks that are tried again later: each takes its timer back. */
  readonly #due: Map<string, () => void> = new Map();
  readonly #slices: TimeSlices;
  /** Guests that are being made ready, for which slots are kept. */
  #starting = 0;
  #closing = false;

  constructor(options: TaskSchedulerOptions) {
    this.#options = options;
    const { slots, slice, timers, report } = options;
    this.#ledger = new TaskLedger(options);
    this.#duty = new StoreDuty({ timers, report, onWell: () => this.#admit(0) });
    // Who waits behind guests that do not end gets a guest of their own, a few at a time.
    this.#slices = new TimeSlices({
      slots,
      slice,
      timers,
      isCrowded: () => this.#queue.size > 0 && this.#hasRoom,
      onSlice: () => this.#admit(slots),
    });
  }

  /** Tasks that wait for a guest. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Tasks that have a guest. */
  get live(): number {
    return this.#live.size;
  }

  /** Whether there may be one more guest. Those of paused tasks have room of their own, lest they block all others. */
  get #hasRoom(): boolean {
    const { guestLimit } = this.#options, all = this.#live.size;
    if (all < guestLimit || all >= 2 * guestLimit) return all < guestLimit;
    let held = 0;
    for (const { run } of this.#live.values()) if (run.held) held++;
    return all - held < guestLimit;
  }

  /** What a task's guest has used so far; undefined when it has none. */
  metrics(id: string): Metrics | undefined {
    return this.#live.get(id)?.run.metrics();
  }

  /** What is under way. */
  executions(): LiveExecution[] {
    return Array.from(this.#live.values(), ({ task, run, execution, startedAt, current }) => ({
      execution,
      task,
      startedAt,
      state: !current ? "stopped" : run.held ? "paused" : "running",
      metrics: run.metrics(),
    }));
  }

  /** What the execution that is under way has logged so far. */
  log(id: string): (StoredLog & { readonly execution: number }) | undefined {
    const live = this.#live.get(id);
    if (live === undefined) return undefined;
    const { lines, cut } = live.run.log;
    return { execution: live.execution, lines, cut };
  }

  /** What the execution that is under way has asked of the host so far. */
  activity(id: string): (StoredActivity & { readonly execution: number }) | undefined {
    const live = this.#live.get(id);
    if (live === undefined) return undefined;
    const { entries, cut } = live.run.activity;
    return { execution: live.execution, entries, cut };
  }

  /** Whether an execution of the task is under way. */
  isLive(id: string): boolean {
    return this.#live.has(id);
  }

  /** Ends when no execution of the task is under way. */
  async ended(id: string): Promise<void> {
    await this.#live.get(id)?.ended;
  }

  /** Takes up what the last process has left. */
  recover(): void {
    const { store } = this.#options;
    this.#ledger.recover();
    for (const task of store.tasks.queued()) this.#queue.add({ ...task, since: this.#options.timers.now() });
    for (const id of store.tasks.ids({ states: ["waiting"] })) {
      const task = store.tasks.get(id);
      if (task !== undefined) this.#wait(task);
    }
    this.#admit(0);
  }

  /** @param alongside is committed with it @throws {AegisError} `WrongState` for a task that is active */
  start(task: TaskRecord, trigger: Trigger, alongside?: () => void): TaskRecord {
    const started = this.#ledger.start(task, trigger, alongside);
    this.#enqueue(task);
    // One that waits is what it was when that was committed.
    return started !== undefined && this.#queue.has(task.id) ? started : this.#latest(started ?? task);
  }

  /** @throws {AegisError} `WrongState` */
  pause(task: TaskRecord): TaskRecord {
    const paused = this.#ledger.pause(task);
    this.#forget(task.id);
    this.#current(task.id)?.run.hold();
    this.#admit(0);
    return this.#latest(paused ?? task);
  }

  /** @throws {AegisError} `WrongState` */
  resume(task: TaskRecord): TaskRecord {
    const live = this.#current(task.id), resumed = this.#ledger.resume(task, live !== undefined);
    if (live === undefined) this.#enqueue(task);
    else live.run.letGo();
    return this.#latest(resumed ?? task);
  }

  /** @throws {AegisError} `WrongState` */
  stop(task: TaskRecord): TaskRecord {
    const stopped = this.#ledger.stop(task);
    this.#forget(task.id);
    const live = this.#current(task.id);
    if (live !== undefined) {
      live.current = false;
      live.saver.stop();
      live.run.stop("stopped");
    }
    return this.#latest(stopped ?? task);
  }

  /** A task as it is now. The change is made: that the store cannot be read afterwards does not make it undone. */
  #latest(changed: TaskRecord): TaskRecord {
    try {
      return this.#options.store.tasks.get(changed.id) ?? changed;
    } catch (error) {
      this.#options.report(error, changed.id);
      return changed;
    }
  }

  /**
   * Takes no more work, and waits for what is under way. Guests that can be saved are, at once; those that stand still are
   * cut off, as is what is not done in time.
   *
   * @param grace milliseconds
   */
  async close(grace: number): Promise<void> {
    this.#closing = true;
    for (const cancel of this.#due.values()) cancel();
    const running = [...this.#live.values()];
    const done = Promise.all(running.map(({ ended }) => ended));
    const late = Promise.withResolvers<void>(),
      cancel = this.#options.timers.after(grace, late.resolve, true);
    const suspended = Promise.all(running.map((live) => this.#suspend(live)));
    await Promise.race([done, late.promise]);
    cancel();
    for (const { run } of this.#live.values()) run.stop("shutdown");
    await Promise.all([done, suspended]);
    this.#slices.close();
    this.#duty.close();
  }

  /** Saves a guest and ends it; one that cannot be saved goes on, if it does not stand still. */
  async #suspend({ task, run, saver }: Live): Promise<void> {
    const { held } = run;
    // A guest can stand still where its state cannot be told: then it goes on for a moment.
    const cancel = this.#options.timers.after(STATE_PATIENCE, () => run.letGo(), true);
    const saved = this.#options.isSaved(task) && await saver.save();
    cancel();
    if (saved || held) run.stop("shutdown");
  }

  /** The live task that the state in the store is about. */
  #current(id: string): Live | undefined {
    const live = this.#live.get(id);
    return live?.current === true ? live : undefined;
  }

  #enqueue({ id, priority }: Startable): void {
    if (this.#live.has(id)) return; // who is ending comes again then
    this.#queue.add({ id, priority, since: this.#options.timers.now() });
    this.#admit(0);
  }

  /** It waits for nothing any more. */
  #forget(id: string): void {
    this.#queue.remove(id);
    this.#due.get(id)?.();
    this.#due.delete(id);
  }

  /** Gives guests to those who wait: as many as there are slots, and some more. */
  #admit(more: number): void {
    for (let extra = more; !this.#closing && !this.#duty.ailing && this.#hasRoom;) {
      if (this.#slices.free <= this.#starting && --extra < 0) return this.#slices.watch();
      const next = this.#queue.take();
      if (next === undefined) return;
      try {
        const begun = this.#ledger.begin(next.id);
        if (begun !== undefined) this.#begin(begun);
      } catch (error) {
        this.#queue.add(next);
        this.#duty.failed(error, next.id);
      }
    }
  }

  #begin({ task, execution, startedAt, checkpoint }: BegunExecution): void {
    const { timers, events, logBounds, now } = this.#options, { id, settings, priority } = task;
    const run: TaskRun = new TaskRun({ settings, priority, bounds: logBounds }, {
      module: (signal) => this.#options.module(task, signal),
      guest: () => this.#options.startGuest(task),
      restored: checkpoint === undefined ? undefined : () => this.#options.restoreGuest(task, checkpoint),
      ready: () => {
        this.#started(live);
        this.#admit(0);
      },
      release: (guest) => void this.#options.guests.giveBack(guest),
      share: (sliced) => this.#slices.add(sliced),
      unshare: (sliced) => {
        this.#slices.remove(sliced);
        this.#admit(0);
      },
      onLine: (line, index) => {
        if (events.active) events.tell({ type: "log", time: line.time, task: id, execution, line, index });
      },
      onAlert: ({ time, level, message }) => {
        if (events.active) events.tell({ type: "alert", time, task: id, execution, level, message });
      },
      onDenial: (denial) => {
        if (events.active) events.tell({ type: "denial", task: id, execution, ...denial });
      },
      now,
      soon: (work) => void timers.after(0, work, true),
    });
    const live: Live = {
      task,
      run,
      execution,
      startedAt,
      began: timers.now(),
      saver: new RunSaver({
        timers,
        every: this.#options.isSaved(task) ? settings.checkpointEvery : undefined,
        snapshot: () => run.snapshot(),
        keep: (state) => this.#keep(id, state),
      }),
      cancelDeadline: settings.deadline === undefined
        ? undefined
        : timers.after(settings.deadline, () => run.stop("deadline"), true),
      ended: Promise.resolve(),
      starting: true,
      current: true,
    };
    this.#live.set(id, live);
    this.#starting++;
    live.ended = run.run().then((end) => this.#end(live, end));
  }

  /** Its guest is there, or will never be. */
  #started(live: Live): void {
    if (!live.starting) return;
    live.starting = false;
    this.#starting--;
  }

  #keep(id: string, state: Uint8Array): boolean {
    const { store, now, report } = this.#options;
    try {
      store.checkpoints.put(id, state, now());
      return true;
    } catch (error) {
      report(error, id);
      return false;
    }
  }

  /** An execution has ended: what comes of its task. */
  #end(live: Live, end: RunEnd): void {
    const { task: { id }, execution, current, run: { log, activity } } = live;
    this.#started(live);
    live.cancelDeadline?.();
    live.saver.stop();
    this.#live.delete(id);
    const durationUs = Math.round(1000 * (this.#options.timers.now() - live.began));
    const ended = { id, execution, current, end, log, activity, durationUs };
    this.#duty.do({
      task: id,
      ways: [
        () => this.#follow(this.#ledger.end(ended)),
        (error) =>
          this.#follow(this.#ledger.endUnknown(ended, `The store did not take how it ended: ${error}`)),
      ],
    });
    this.#admit(0);
  }

  /** Does what the state of a task says is to come. */
  #follow(task: TaskRecord | undefined): void {
    if (task === undefined || this.#closing) return;
    if (task.state === "queued") this.#enqueue(task);
    if (task.state === "waiting") this.#wait(task);
  }

  /** Tries it again later. */
  #wait({ id, dueAt, settings: { retries } }: TaskRecord): void {
    const { timers, now } = this.#options, end = () => this.#follow(this.#ledger.endWait(id));
    // No longer than it may be, whatever the clock has done meanwhile.
    const delay = Math.min(retries.longest, Math.max(0, (dueAt ?? 0) - now()));
    this.#due.get(id)?.();
    this.#due.set(
      id,
      timers.after(delay, () => {
        this.#due.delete(id);
        this.#duty.do({ task: id, ways: [end] });
      }, true),
    );
  }
}
