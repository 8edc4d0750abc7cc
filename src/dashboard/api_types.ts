/**
 * What the server answers, as pages see it. The server's schemas stand above this folder in the layers, so the types are
 * written down here, too, and a test proves that both say the same. Times are milliseconds since 1970; fuel and i64 are
 * decimal text, since they may be more than a double holds.
 */

import type { LimitName, PresetName } from "../core/limits.ts";

/** What a task is doing. */
export type TaskState =
  | "ready"
  | "queued"
  | "running"
  | "paused"
  | "waiting"
  | "completed"
  | "failed"
  | "stopped"
  | "interrupted";

/** How an execution stands. */
export type ExecutionStatus = "running" | "succeeded" | "failed" | "stopped" | "interrupted";

/** A part of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** Value of `from` for the next part. */
  readonly next: number | null;
  readonly total: number;
}

/** Who asks, and whom. */
export interface Session {
  readonly name: string;
  readonly role: "admin" | "read";
  /** Whether tokens are asked for. */
  readonly auth: boolean;
  readonly version: string;
  readonly engine: "v8" | "interpreter";
  readonly startedAt: number;
  readonly now: number;
}

/** What a task did last. */
export interface LastExecution {
  readonly id: number;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  /** Microseconds. */
  readonly durationUs: number | null;
  readonly fuel: string | null;
}

/** A task. */
export interface Task {
  readonly id: string;
  readonly name: string;
  /** Hash of its module. */
  readonly module: string;
  readonly state: TaskState;
  readonly priority: string;
  readonly group: string | null;
  readonly trigger: string;
  readonly attempt: number;
  readonly queuedAt: number | null;
  readonly dueAt: number | null;
  /** Executions that have ended, ever, and those of them that failed. */
  readonly executions: number;
  readonly failures: number;
  /** Units that its executions have used, ever. */
  readonly fuel: string;
  readonly lastExecution: LastExecution | null;
  readonly error: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** As it was made, with what was not said filled in. */
  readonly settings: Record<string, unknown>;
}

/** One execution of a task. */
export interface Execution {
  readonly id: number;
  readonly task: string;
  readonly attempt: number;
  readonly trigger: string;
  readonly queuedAt: number;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Microseconds of wall time. */
  readonly durationUs: number | null;
  readonly status: ExecutionStatus;
  readonly outcome: string | null;
  readonly error: string | null;
  readonly inputs: unknown;
  readonly results: unknown;
  readonly fuel: string | null;
  readonly cpuUs: number | null;
  /** Bytes. */
  readonly peakMemory: number | null;
  readonly hostCalls: number | null;
  readonly denials: number | null;
}

/** A line of a log. Its text is the guest's. */
export interface LogLine {
  readonly time: number;
  readonly source: "log" | "stdout" | "stderr" | "alert" | "denial" | "system";
  readonly level?: string | undefined;
  readonly text: string;
  readonly cut?: true | undefined;
}

/** What an execution has logged. */
export interface Log {
  readonly execution: number;
  readonly lines: LogLine[];
  /** Lines that were not kept. */
  readonly cut: number;
}

/** A module that is kept. */
export interface Module {
  readonly hash: string;
  readonly name: string | null;
  /** Bytes. */
  readonly size: number;
  readonly addedAt: number;
  /** Tasks that run it. */
  readonly tasks: number;
}

/** Counts of what there is, and of what was done. */
export interface Stats {
  readonly tasks: number;
  readonly states: Record<TaskState, number>;
  readonly queued: number;
  readonly live: number;
  readonly executions: number;
  readonly failures: number;
  readonly fuel: string;
  readonly hostCalls: number;
  /** Bytes of the database. */
  readonly storeSize: number;
  /** Times that the database failed, since the server began. */
  readonly storeErrors: number;
  /** Connections that hear of events. */
  readonly listeners: number;
}

/** Who did what. */
export interface AuditRecord {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly detail: string | null;
}

/** When a task starts by itself. */
export interface Schedule {
  readonly id: string;
  readonly task: string;
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
  readonly nextAt: number | null;
  readonly lastAt: number | null;
  readonly skipped: number;
  readonly createdAt: number;
}

/** An amount of a limit: null for no bound, text for more than a double holds. */
export type LimitAmount = number | string | null;

/** What tasks may use at most. */
export interface Policy {
  readonly engine: "v8" | "interpreter";
  readonly limits: Record<
    LimitName,
    { readonly value: LimitAmount; readonly unit: "bytes" | "count" | "time" }
  >;
  readonly presets: Record<PresetName, Record<LimitName, LimitAmount>>;
  readonly grants: { readonly capability: string; readonly detail: string }[];
}

/** A part of a {@linkcode Series}. */
export interface SeriesItem {
  readonly at: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly stopped: number;
  readonly interrupted: number;
  readonly running: number;
  readonly fuel: string;
  readonly hostCalls: number;
  readonly denials: number;
  /** The mean, in microseconds. */
  readonly durationUs: number | null;
}

/** Executions over time. */
export interface Series {
  readonly since: number;
  readonly until: number;
  /** Milliseconds of a part. */
  readonly width: number;
  readonly items: SeriesItem[];
}

/** What the process used at one moment. */
export interface MeterSample {
  readonly time: number;
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  readonly heap: number;
  readonly fuelPerSecond: number;
  readonly running: number;
  readonly queued: number;
  readonly live: number;
  readonly requestsPerSecond: number;
}

/** What a guest used up to one moment. */
export interface GuestMeters {
  readonly task: string;
  readonly name: string;
  readonly state: TaskState;
  readonly execution: number;
  readonly startedAt: number;
  readonly engine: "v8" | "interpreter";
  readonly fuel: string;
  readonly cpuMs: number;
  /** Cores, since the sample before. */
  readonly cpu: number;
  readonly fuelPerSecond: number;
  /** Bytes. */
  readonly memory: number;
  readonly hostCalls: number;
  readonly denials: number;
}

/** What was used of late. */
export interface Meters {
  /** Milliseconds between two samples. */
  readonly every: number;
  /** The oldest first. */
  readonly samples: MeterSample[];
  readonly guests: GuestMeters[];
}

/** What a guest has used so far. */
export interface Usage {
  readonly fuel: string;
  readonly cpuMs: number;
  /** Bytes. */
  readonly memory: number;
  readonly hostCalls: number;
  readonly denials: number;
}

/** What the guest of an execution asked of the host; the same again is counted. */
export interface ActivityItem {
  readonly time: number;
  /** The last of them. */
  readonly until: number;
  readonly kind: "call" | "denial" | "alert" | "memory";
  readonly capability: string;
  readonly action: string;
  readonly target: string;
  readonly detail: string | null;
  readonly count: number;
}

export interface Activity {
  readonly execution: number;
  readonly items: ActivityItem[];
  /** Items that were not kept. */
  readonly cut: number;
}

/** What became of a wish for many tasks. */
export interface BulkAnswer {
  readonly results: {
    readonly id: string;
    readonly state: TaskState | null;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

/** Tasks that are dealt with together. */
export interface Group {
  readonly name: string;
  readonly tasks: number;
  readonly states: Partial<Record<TaskState, number>>;
}
