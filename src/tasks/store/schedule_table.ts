/** When tasks start by themselves. */
import type { Database, Row } from "./database.ts";
import { numberOf, optionalNumber, textOf } from "./row.ts";

/** A schedule of a task. Times are milliseconds since 1970. */
export interface ScheduleRecord {
  /** Tells it from the others. */
  readonly id: string;
  /** Id of its task. */
  readonly task: string;
  /** A cron expression of five fields, or six with seconds in front. */
  readonly cron: string;
  /** IANA name of the time zone that the expression is meant in. */
  readonly timezone: string;
  /** Whether it starts anything. */
  readonly enabled: boolean;
  /** Undefined when it is not enabled, or the expression never comes true again. */
  readonly nextAt: number | undefined;
  /** When it last started the task. */
  readonly lastAt: number | undefined;
  /** Times at which the task was still active, or nobody was there to start it. */
  readonly skipped: number;
  /** When it was made. */
  readonly createdAt: number;
}

/** What of a schedule changes. */
export type ScheduleChange = Pick<ScheduleRecord, "enabled" | "nextAt" | "lastAt" | "skipped">;

export class ScheduleTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add({ id, task, cron, timezone, enabled, nextAt, lastAt, skipped, createdAt }: ScheduleRecord): void {
    this.#database.statement("INSERT INTO schedules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(id, task, cron, timezone, enabled ? 1 : 0, nextAt ?? null, lastAt ?? null, skipped, createdAt);
  }

  get(id: string): ScheduleRecord | undefined {
    const row = this.#database.statement("SELECT * FROM schedules WHERE id = ?").get(id);
    return row === undefined ? undefined : scheduleOf(row);
  }

  /** The oldest first. @param task of this one alone */
  list(task?: string): ScheduleRecord[] {
    const rows = task === undefined
      ? this.#database.statement("SELECT * FROM schedules ORDER BY created_at, id").all()
      : this.#database.statement("SELECT * FROM schedules WHERE task = ? ORDER BY created_at, id").all(task);
    return rows.map(scheduleOf);
  }

  /** How many there are. */
  get size(): number {
    return numberOf(this.#database.statement("SELECT count(*) AS n FROM schedules").get() ?? {}, "n");
  }

  /** When the next one is due; undefined when none is. */
  next(): number | undefined {
    const row = this.#database.statement("SELECT min(next_at) AS next FROM schedules WHERE enabled = 1")
      .get();
    return row === undefined ? undefined : optionalNumber(row, "next");
  }

  change(id: string, { enabled, nextAt, lastAt, skipped }: ScheduleChange): void {
    this.#database.statement(
      "UPDATE schedules SET enabled = ?, next_at = ?, last_at = ?, skipped = ? WHERE id = ?",
    )
      .run(enabled ? 1 : 0, nextAt ?? null, lastAt ?? null, skipped, id);
  }

  /** @returns whether there was one */
  remove(id: string): boolean {
    return this.#database.statement("DELETE FROM schedules WHERE id = ?").run(id).changes > 0;
  }
}

function scheduleOf(row: Row): ScheduleRecord {
  return {
    id: textOf(row, "id"),
    task: textOf(row, "task"),
    cron: textOf(row, "cron"),
    timezone: textOf(row, "timezone"),
    enabled: numberOf(row, "enabled") === 1,
    nextAt: optionalNumber(row, "next_at"),
    lastAt: optionalNumber(row, "last_at"),
    skipped: numberOf(row, "skipped"),
    createdAt: numberOf(row, "created_at"),
  };
}
