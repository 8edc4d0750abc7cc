/** A scheduler with guests that are not there, under a clock that a test moves, on a store that fails when it is told to. */
import type { AegisModule, CallValue, Outcome, Sandbox } from "../../mod.ts";
import type { TaskEvent, TaskOptions, TaskRecord } from "../../tasks.ts";
import { GuestSet, TaskGuest } from "../../src/tasks/guest_set.ts";
import { TaskStore } from "../../src/tasks/store/task_store.ts";
import { TaskEvents } from "../../src/tasks/task_events.ts";
import { TaskScheduler } from "../../src/tasks/task_scheduler.ts";
import { readTaskOptions } from "../../src/tasks/task_settings.ts";
import { FakeTimers } from "../sandbox/pool_rig.ts";

/** When the time of the fakes begins, milliseconds since 1970. */
export const START = Date.UTC(2030, 0, 1);

/** A guest whose call ends when a test says so. */
export class FakeGuest {
  readonly #calls: PromiseWithResolvers<Outcome>[] = [];
  paused = false;
  closed = false;
  resets = 0;
  interruptedCall: { name: string } | undefined;
  /** What taking its state waits for. */
  saving: Promise<Uint8Array<ArrayBuffer>> = Promise.resolve(Uint8Array.of(1, 2, 3));
  saves = 0;

  loadModule = () => Promise.resolve();
  getFuncType = () => ({ params: [], results: [] });
  denials = () => [];
  metrics = () => ({ fuelConsumed: 5n, cpuTime: 1, peakMemory: 0, hostCalls: 0, denials: 0 });
  decisionsTold = () => Promise.resolve(true);
  tryCall = (): Promise<Outcome> => this.#call();
  tryContinueCall = (): Promise<Outcome> => this.#call();

  /** Ends its call. */
  end(outcome: Outcome = { kind: "value", values: [] as CallValue[] }): void {
    this.#calls.shift()?.resolve(outcome);
  }

  trap(): void {
    this.end({ kind: "trap", trap: "unreachable", message: "unreachable", frames: [] });
  }

  stop(): void {
    this.paused = false;
    this.end({ kind: "aborted", reason: "cancelled" });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  snapshot(): Promise<Uint8Array<ArrayBuffer>> {
    this.saves++;
    return this.saving;
  }

  reset(): Promise<void> {
    this.resets++;
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** `as`: what tasks use of one. */
  get sandbox(): Sandbox {
    return this as unknown as Sandbox;
  }

  #call(): Promise<Outcome> {
    const call = Promise.withResolvers<Outcome>();
    this.#calls.push(call);
    return call.promise;
  }
}

/** A store of which the transaction with that number fails, counted from when it is told. */
export class FailingStore extends TaskStore {
  transactions = 0;
  failing: ReadonlySet<number> = new Set();
  failAll = false;

  override transaction<Result>(work: () => Result): Result {
    const number = ++this.transactions;
    if (!this.failAll && !this.failing.has(number)) return super.transaction(work);
    return super.transaction(() => {
      work(); // as far as it goes: none of it may remain
      throw new Error("disk I/O error");
    });
  }
}

export interface SchedulerRigOptions {
  readonly slots?: number;
  readonly guests?: number;
  readonly isSaved?: boolean;
  readonly store?: FailingStore;
  /** Thrown in turn, in place of guests that go on from a checkpoint. @default nothing */
  readonly unrestorable?: readonly Error[];
}

export class SchedulerRig {
  readonly timers = new FakeTimers();
  readonly store: FailingStore;
  readonly events = new TaskEvents();
  readonly told: TaskEvent[] = [];
  readonly reports: string[] = [];
  /** Every guest that was started, the first one first. */
  readonly guests: FakeGuest[] = [];
  readonly restored: Uint8Array[] = [];
  readonly scheduler: TaskScheduler;
  /** What is added to the time of day: somebody sets the clock. */
  setBy = 0;

  constructor(
    { slots = 1, guests = 4, isSaved = false, store, unrestorable = [] }: SchedulerRigOptions = {},
  ) {
    const errors = [...unrestorable];
    this.store = store ?? new FailingStore(":memory:");
    this.events.subscribe((event) => this.told.push(event));
    const start = () =>
      TaskGuest.start(undefined, () => {
        const guest = new FakeGuest();
        this.guests.push(guest);
        return Promise.resolve(guest.sandbox);
      });
    this.scheduler = new TaskScheduler({
      store: this.store,
      events: this.events,
      guests: new GuestSet({ mostIdle: 2, idleTime: 5000, timers: this.timers }),
      module: () => Promise.resolve({ signature: () => undefined } as unknown as AegisModule), // what tasks use of one
      startGuest: start,
      isSaved: () => isSaved,
      restoreGuest: async (_, checkpoint) => {
        this.restored.push(checkpoint);
        const error = errors.shift();
        if (error !== undefined) throw error;
        const guest = await start();
        this.guest.interruptedCall = { name: "main" };
        return guest;
      },
      slots,
      guestLimit: guests,
      slice: 20,
      logBounds: { lines: 10, size: 1000, lineSize: 100 },
      timers: this.timers,
      now: () => this.now(),
      random: () => 1,
      report: (error) => this.reports.push(String(error)),
    });
  }

  now(): number {
    return START + this.timers.now() + this.setBy;
  }

  /** Makes a task. @returns its id */
  add(options: Partial<TaskOptions> = {}): string {
    const id = crypto.randomUUID(),
      { settings, priority, group } = readTaskOptions({ name: "a task", ...options });
    const createdAt = this.now();
    if (!this.store.modules.has("hash")) {
      this.store.modules.add({ hash: "hash", name: undefined, bytes: new Uint8Array(), now: createdAt });
    }
    this.store.tasks.add({
      id,
      name: "a task",
      module: "hash",
      settings,
      priority,
      group,
      createdAt,
      requestKey: undefined,
    });
    return id;
  }

  start(id: string): void {
    this.scheduler.start(this.task(id), "start");
  }

  task(id: string): TaskRecord {
    const task = this.store.tasks.get(id);
    if (task === undefined) throw new Error("the task is gone");
    return task;
  }

  statuses(id: string): string[] {
    const { items } = this.store.executions.list({ task: id }, { most: 100 });
    return items.map(({ status }) => status).toReversed();
  }

  /** The guest that was started last. */
  get guest(): FakeGuest {
    const guest = this.guests.at(-1);
    if (guest === undefined) throw new Error("no guest was started");
    return guest;
  }
}
