/** Every execution of every task: when, how it ended, what it used and logged. */
import type { Database, Row } from "./database.ts";
import { type ExecutionFilter, executionsWhere } from "./execution_filter.ts";
import { numberOf, optionalNumber, optionalText, textOf } from "./row.ts";
import { type ExecutionSeries, readSeries, type SeriesOptions } from "./execution_series.ts";
import type { Page, PageOptions } from "./task_table.ts";
import type { LogLine } from "../captured_log.ts";

/** What an execution comes of. */
export type Trigger = "start" | "retry" | "schedule" | "recovery";

/** How an execution stands. */
export const EXECUTION_STATUSES = ["running", "succeeded", "failed", "stopped", "interrupted"] as const;

/** One of {@linkcode EXECUTION_STATUSES}. */
export type ExecutionStatus = typeof EXECUTION_STATUSES[number];

/** Whether an execution that ended so counts as a failure: not one that somebody has stopped. */
export function isFailure(status: ExecutionStatus): boolean {
  return status === "failed" || status === "interrupted";
}

/** An execution. Times are milliseconds since 1970. What is undefined is not known yet, or never will be. */
export interface ExecutionRecord {
  /** Grows with each execution. */
  readonly id: number;
  /** Id of its task. */
  readonly task: string;
  /** From 1, since the task was last started. */
  readonly attempt: number;
  /** What it comes of. */
  readonly trigger: Trigger;
  /** When it was to begin. */
  readonly queuedAt: number;
  /** When it began. */
  readonly startedAt: number;
  /** When it ended. */
  readonly finishedAt: number | undefined;
  /** Microseconds of wall time, the time included for which its guest stood still. */
  readonly durationUs: number | undefined;
  /** How it stands. */
  readonly status: ExecutionStatus;
  /** Kind of the outcome, `limit:fuel` for instance, or the code of an error: `ModuleRefused`. */
  readonly outcome: string | undefined;
  /** What it failed with. */
  readonly error: string | undefined;
  /** Arguments, as JSON; undefined where they are long. */
  readonly inputs: string | undefined;
  /** What the function returned, as JSON; undefined where it is long. */
  readonly results: string | undefined;
  /** Units. */
  readonly fuel: bigint | undefined;
  /** Microseconds of work. */
  readonly cpuUs: number | undefined;
  /** Bytes. */
  readonly peakMemory: number | undefined;
  /** Calls of host functions. */
  readonly hostCalls: number | undefined;
  /** Times that something was denied. */
  readonly denials: number | undefined;
}

/** An execution that begins. */
export type NewExecution = Pick<
  ExecutionRecord,
  "task" | "attempt" | "trigger" | "queuedAt" | "startedAt" | "inputs"
>;

/** How an execution has ended. */
export type ExecutionEnd = Omit<ExecutionRecord, keyof NewExecution | "id">;

/** What was logged. */
export interface StoredLog {
  /** The lines that were kept, in order. */
  readonly lines: readonly LogLine[];
  /** Lines that were not kept. */
  readonly cut: number;
}

/** Of all executions that have ended, those that are forgotten included. */
export interface Totals {
  readonly executions: number;
  readonly failures: number;
  /** Units. */
  readonly fuel: bigint;
  readonly hostCalls: number;
}

/** Fuel may be more than a double holds. */
const COLUMNS =
  `id, task, attempt, trigger, queued_at, started_at, finished_at, duration_us, status, outcome, error,
  inputs, results, CAST(fuel AS TEXT) AS fuel, cpu_us, peak_memory, host_calls, denials`;

export class ExecutionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns its id */
  begin({ task, attempt, trigger, queuedAt, startedAt, inputs }: NewExecution): number {
    return this.#database.statement(
      `INSERT INTO executions (task, attempt, trigger, queued_at, started_at, status, inputs)
      VALUES (?, ?, ?, ?, ?, 'running', ?)`,
    )
      .run(task, attempt, trigger, queuedAt, startedAt, inputs ?? null).lastId;
  }

  end(id: number, end: ExecutionEnd, log: StoredLog): void {
    const {
      finishedAt,
      durationUs,
      status,
      outcome,
      error,
      results,
      fuel,
      cpuUs,
      peakMemory,
      hostCalls,
      denials,
    } = end;
    this.#database.statement(
      `UPDATE executions SET finished_at = ?, duration_us = ?, status = ?, outcome = ?, error = ?,
      results = ?, fuel = ?, cpu_us = ?, peak_memory = ?, host_calls = ?, denials = ? WHERE id = ?`,
    )
      .run(
        finishedAt ?? null,
        durationUs ?? null,
        status,
        outcome ?? null,
        error ?? null,
        results ?? null,
        fuel ?? null,
        cpuUs ?? null,
        peakMemory ?? null,
        hostCalls ?? null,
        denials ?? null,
        id,
      );
    if (log.lines.length > 0 || log.cut > 0) {
      this.#database.statement("INSERT OR REPLACE INTO execution_logs VALUES (?, ?, ?)")
        .run(id, JSON.stringify(log.lines), log.cut);
    }
    this.#database.statement(`UPDATE totals SET executions = executions + 1, failures = failures + ?,
      fuel = min(fuel + ?, 4611686018427387904), host_calls = host_calls + ?`)
      .run(isFailure(status) ? 1 : 0, fuel ?? 0, hostCalls ?? 0);
  }

  get(id: number): ExecutionRecord | undefined {
    const row = this.#database.statement(`SELECT ${COLUMNS} FROM executions WHERE id = ?`).get(id);
    return row === undefined ? undefined : executionOf(row);
  }

  /** Id of the last one of a task; undefined before the first. */
  latest(task: string): number | undefined {
    const row = this.#database.statement("SELECT max(id) AS id FROM executions WHERE task = ?").get(task);
    return row === undefined ? undefined : optionalNumber(row, "id");
  }

  /** The last one of each of these tasks, as far as they have any. */
  latestOf(tasks: readonly string[]): ExecutionRecord[] {
    // A look into the index for each task: grouping would read all that they have done.
    return this.#database.statement(
      `SELECT ${COLUMNS} FROM executions WHERE id IN
      (SELECT (SELECT max(id) FROM executions WHERE task = value) FROM json_each(?))`,
    ).all(JSON.stringify(tasks)).map(executionOf);
  }

  /** Counts them over time. @param filter its times are those of the series */
  series(filter: ExecutionFilter, options: SeriesOptions): ExecutionSeries {
    return readSeries(this.#database, filter, options);
  }

  log(id: number): StoredLog | undefined {
    const row = this.#database.statement("SELECT lines, cut FROM execution_logs WHERE execution = ?").get(id);
    if (row === undefined) return undefined;
    return { lines: JSON.parse(textOf(row, "lines")) as LogLine[], cut: numberOf(row, "cut") }; // written by end()
  }

  /** The latest first. */
  list(filter: ExecutionFilter, { most, from }: PageOptions): Page<ExecutionRecord> {
    const { where, inputs } = executionsWhere(filter), after = from === undefined ? "" : " AND id < ?";
    const count = this.#database.statement(`SELECT count(*) AS n FROM executions WHERE ${where}`).get(
      ...inputs,
    );
    const rows = this.#database.statement(
      `SELECT ${COLUMNS} FROM executions WHERE ${where}${after} ORDER BY id DESC LIMIT ?`,
    ).all(...inputs, ...from === undefined ? [] : [from], most);
    const items = rows.map(executionOf);
    return {
      items,
      next: items.length < most ? undefined : items.at(-1)?.id,
      total: numberOf(count ?? {}, "n"),
    };
  }

  /** All that the filter lets through, the oldest first, one after the other. */
  *each(filter: ExecutionFilter): Generator<ExecutionRecord> {
    const { where, inputs } = executionsWhere(filter);
    // In parts, since the database may be written to between two of them.
    const next = this.#database.statement(
      `SELECT ${COLUMNS} FROM executions WHERE ${where} AND id > ? ORDER BY id LIMIT 500`,
    );
    for (let last = 0;;) {
      const items = next.all(...inputs, last).map(executionOf);
      yield* items;
      const end = items.at(-1);
      if (end === undefined) return;
      last = end.id;
    }
  }

  /** Those that no process runs any more: of tasks that were running when the last process ended. */
  unfinished(): ExecutionRecord[] {
    return this.#database.statement(`SELECT ${COLUMNS} FROM executions WHERE status = 'running' ORDER BY id`)
      .all().map(executionOf);
  }

  totals(): Totals {
    const row = this.#database.statement(
      "SELECT executions, failures, CAST(fuel AS TEXT) AS fuel, host_calls FROM totals",
    ).get() ?? {};
    return {
      executions: numberOf(row, "executions"),
      failures: numberOf(row, "failures"),
      fuel: BigInt(textOf(row, "fuel")),
      hostCalls: numberOf(row, "host_calls"),
    };
  }

  /** Forgets all but the latest of a task. @param keep how many stay */
  trimTask(task: string, keep: number): void {
    this.#database.statement(`DELETE FROM executions WHERE task = ? AND status <> 'running' AND id <=
      (SELECT id FROM executions WHERE task = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`).run(task, task, keep);
  }

  /** Forgets those that ended before a time, some at once. @returns how many */
  trimBefore(time: number, most: number): number {
    return this.#database.statement(`DELETE FROM executions WHERE id IN
      (SELECT id FROM executions WHERE started_at < ? AND status <> 'running' ORDER BY id LIMIT ?)`)
      .run(time, most).changes;
  }
}

function executionOf(row: Row): ExecutionRecord {
  const fuel = optionalText(row, "fuel");
  return {
    id: numberOf(row, "id"),
    task: textOf(row, "task"),
    attempt: numberOf(row, "attempt"),
    trigger: textOf(row, "trigger") as Trigger, // written from that type alone
    queuedAt: numberOf(row, "queued_at"),
    startedAt: numberOf(row, "started_at"),
    finishedAt: optionalNumber(row, "finished_at"),
    durationUs: optionalNumber(row, "duration_us"),
    status: textOf(row, "status") as ExecutionStatus, // as above
    outcome: optionalText(row, "outcome"),
    error: optionalText(row, "error"),
    inputs: optionalText(row, "inputs"),
    results: optionalText(row, "results"),
    fuel: fuel === undefined ? undefined : BigInt(fuel),
    cpuUs: optionalNumber(row, "cpu_us"),
    peakMemory: optionalNumber(row, "peak_memory"),
    hostCalls: optionalNumber(row, "host_calls"),
    denials: optionalNumber(row, "denials"),
  };
}
