/** Tasks that start by themselves: cron expressions, and one timer for the next of them. */
import { Cron } from "croner";
import type { ScheduleChange, ScheduleRecord } from "./store/schedule_table.ts";
import type { TaskStore } from "./store/task_store.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import type { Timers } from "../sandbox/timers.ts";

/** When a task starts. Unknown keys are refused. */
export interface ScheduleOptions {
  /**
   * A cron expression: minute, hour, day of the month, month, day of the week, with seconds in front if there are six.
   * `*`, lists, ranges, steps, names of months and days, `L` and `#` as other crons have them.
   */
  readonly cron: string;
  /** IANA name. @default "UTC" */
  readonly timezone?: string;
  /** Whether it starts anything. @default true */
  readonly enabled?: boolean;
}

/** What schedules need of what is around them. */
export interface SchedulesPorts {
  readonly store: TaskStore;
  readonly timers: Timers;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Starts a task. @param alongside is committed with it @returns whether it was started: not while it is active */
  readonly start: (task: string, alongside: () => void) => boolean;
  /** Told when the store fails where nobody waits for it. */
  readonly report: (error: unknown, task?: string) => void;
}

/** Shortest time between two starts by one expression, in milliseconds: each of them is an execution. */
const LEAST_PAUSE = 1000;

/** Times before now that are no more missed than late: the timer of a busy process. */
const LATE = 60_000;

/** The longest time between two looks at the clock, in milliseconds: somebody may set it. */
const LONGEST_SLEEP = 60_000;

/** Milliseconds until a store that has failed is asked again. */
const STORE_PAUSE = 1000;

/** Characters of an expression, and schedules. */
const LONGEST_CRON = 200, MOST_SCHEDULES = 10_000;

/** What starts by itself, and when. */
export class Schedules {
  readonly #ports: SchedulesPorts;
  #stopTimer: (() => void) | undefined;
  #closed = false;
  /** When the clock was last looked at, milliseconds since 1970. */
  #seen = -Infinity;

  /** Made by a task manager. */
  constructor(ports: SchedulesPorts) {
    this.#ports = ports;
  }

  /**
   * Has a task start by itself from now on.
   *
   * @throws {AegisError} `NotFound`, `InvalidOption`, `Full`
   */
  add(task: string, options: ScheduleOptions): ScheduleRecord {
    checkOptionNames<ScheduleOptions>(options, {
      place: "of a schedule",
      names: { cron: true, timezone: true, enabled: true },
    });
    const { cron, timezone = "UTC", enabled = true } = options, { store, now } = this.#ports;
    if (typeof enabled !== "boolean") throw invalid("enabled", String(enabled), "true or false");
    if (store.tasks.get(task) === undefined) {
      throw new AegisError("NotFound", `There is no task ${quote(task.slice(0, 80))}`, { field: "task" });
    }
    const nextAt = nextTime(readCron(cron, timezone), now());
    if (store.schedules.size >= MOST_SCHEDULES) {
      throw new AegisError("Full", `Cannot keep more than ${MOST_SCHEDULES} schedules`, {
        suggestion: "Remove some.",
      });
    }
    const record: ScheduleRecord = {
      id: crypto.randomUUID(),
      task,
      cron,
      timezone,
      enabled,
      nextAt: enabled ? nextAt : undefined,
      lastAt: undefined,
      skipped: 0,
      createdAt: now(),
    };
    store.schedules.add(record);
    this.look();
    return record;
  }

  /** A schedule. @throws {AegisError} `NotFound` */
  get(id: string): ScheduleRecord {
    const schedule = this.#ports.store.schedules.get(id);
    if (schedule === undefined) {
      throw new AegisError("NotFound", `There is no schedule ${quote(id.slice(0, 80))}`, {
        field: "schedule",
      });
    }
    return schedule;
  }

  /** All of them, or those of one task, the oldest first. */
  list(task?: string): readonly ScheduleRecord[] {
    return this.#ports.store.schedules.list(task);
  }

  /** Turns a schedule on or off. @throws {AegisError} `NotFound` */
  enable(id: string, enabled: boolean): ScheduleRecord {
    const { cron, timezone, lastAt, skipped } = this.get(id), { store, now } = this.#ports;
    const nextAt = enabled ? nextTime(readCron(cron, timezone), now()) : undefined;
    const changed = store.transaction(() => {
      store.schedules.change(id, { enabled, nextAt, lastAt, skipped });
      return this.get(id);
    });
    this.look();
    return changed;
  }

  /** Forgets a schedule. @throws {AegisError} `NotFound` */
  remove(id: string): void {
    this.get(id);
    this.#ports.store.schedules.remove(id);
    this.look();
  }

  /** @ignore Begins, in a new process: what was due while there was none is not made up for, but counted. */
  begin(): void {
    this.#guard(() => {
      const { store, now } = this.#ports;
      this.#seen = now();
      for (const schedule of store.schedules.list()) {
        const { nextAt, skipped } = schedule;
        if (nextAt === undefined) continue;
        if (nextAt < now() - LATE) this.#postpone(schedule, { skipped: skipped + 1 });
        else this.#bringForward(schedule);
      }
    });
    this.look();
  }

  /** @ignore Sets the timer for what is next. */
  look(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#closed) return;
    const { store, now } = this.#ports;
    const known = this.#guard(() => {
      const next = store.schedules.next();
      if (next !== undefined) this.#sleep(Math.min(LONGEST_SLEEP, Math.max(0, next - now())));
    });
    if (!known) this.#sleep(STORE_PAUSE);
  }

  /** @ignore */
  close(): void {
    this.#closed = true;
    this.#stopTimer?.();
  }

  #sleep(milliseconds: number): void {
    this.#stopTimer = this.#ports.timers.after(milliseconds, () => this.#wake(), false);
  }

  /** Starts what is due. */
  #wake(): void {
    const { store, now } = this.#ports, time = now(), wasSetBack = time < this.#seen - LATE;
    this.#seen = time;
    const done = this.#guard(() => {
      for (const schedule of store.schedules.list()) {
        if (wasSetBack) this.#bringForward(schedule);
        else if (schedule.nextAt !== undefined && schedule.nextAt <= time) this.#start(schedule, time);
      }
    });
    if (done) this.look();
    else this.#sleep(STORE_PAUSE);
  }

  /** When it comes next is committed with the start: a process that is killed does neither, or both. */
  #start(schedule: ScheduleRecord, time: number): void {
    const { task, skipped } = schedule;
    const started = this.#ports.start(task, () => this.#postpone(schedule, { lastAt: time }));
    if (!started) this.#postpone(schedule, { lastAt: time, skipped: skipped + 1 });
  }

  #postpone(schedule: ScheduleRecord, change: Partial<ScheduleChange>): void {
    const { store, now } = this.#ports, { id, nextAt = 0 } = schedule;
    store.schedules.change(id, {
      ...schedule,
      ...change,
      ...this.#next(schedule, Math.max(now(), nextAt + LEAST_PAUSE - 1)),
    });
  }

  /** What comes later than it would from now on was reckoned while the clock was ahead. */
  #bringForward(schedule: ScheduleRecord): void {
    const { store, now } = this.#ports, next = this.#next(schedule, now());
    if (schedule.nextAt === undefined || (next.nextAt ?? Infinity) > schedule.nextAt - LATE) return;
    store.schedules.change(schedule.id, { ...schedule, ...next });
  }

  /** When it comes next; what cannot be read any more, as a time zone that is no more, is off. */
  #next({ cron, timezone }: ScheduleRecord, after: number): Pick<ScheduleChange, "enabled" | "nextAt"> {
    try {
      return { enabled: true, nextAt: nextTime(readCron(cron, timezone), after) };
    } catch {
      return { enabled: false, nextAt: undefined };
    }
  }

  /** @returns whether the store has not failed, which is reported */
  #guard(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#ports.report(error);
      return false;
    }
  }
}

/** @throws {AegisError} `InvalidOption` */
function readCron(cron: string, timezone: string): Cron {
  if (typeof cron !== "string" || cron.length > LONGEST_CRON || !/^\S+( +\S+){4,5}$/.test(cron.trim())) {
    throw invalid("cron", String(cron).slice(0, LONGEST_CRON), 'five or six fields: "*/5 * * * *"');
  }
  try {
    // The zone is checked by the platform, which croner asks when it first needs it.
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw invalid("timezone", String(timezone).slice(0, LONGEST_CRON), 'an IANA name: "Europe/Paris"');
  }
  try {
    return new Cron(cron.trim(), { timezone, paused: true });
  } catch (error) {
    throw invalid("cron", cron, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Milliseconds since 1970; undefined when the expression never comes true again.
 *
 * @param after the same @throws {AegisError} `InvalidOption`
 */
function nextTime(cron: Cron, after: number): number | undefined {
  try {
    return cron.nextRun(new Date(after))?.getTime();
  } catch { // croner's stack overflows while it looks for the 31st of months that have none
    throw invalid("cron", cron.getPattern() ?? "", "an expression that comes true");
  }
}

function invalid(field: string, value: string, allowed: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot set ${field} of a schedule to ${quote(value)}: use ${allowed}`,
    {
      field,
    },
  );
}
