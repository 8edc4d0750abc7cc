/**
 * What the server answers, as pages see it. The server's schemas stand above this folder in the layers, so the types are
 * written down here, too, and a test proves that both say the same. Times are milliseconds since 1970; fuel and i64 are
 * decimal text, since they may be more than a double holds.
 */

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

/** Executions that began in one part of a time. */
export interface SeriesBucket {
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

/** Executions counted over time. */
export interface Series {
  readonly since: number;
  readonly until: number;
  /** Milliseconds of a part. */
  readonly width: number;
  readonly items: SeriesBucket[];
}

/** What the server's process uses at a moment; rates are those since the moment before. */
export interface Sample {
  readonly time: number;
  /** Cores in use by the process. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  /** Bytes. */
  readonly heap: number;
  readonly fuelPerSecond: number;
  readonly running: number;
  readonly queued: number;
  readonly live: number;
  readonly requestsPerSecond: number;
}

/** A guest at the same moment. */
export interface Guest {
  readonly task: string;
  readonly name: string;
  readonly state: TaskState;
  readonly execution: number;
  readonly startedAt: number;
  readonly engine: "v8" | "interpreter";
  readonly fuel: string;
  readonly cpuMs: number;
  /** Share of one core. */
  readonly cpu: number;
  readonly fuelPerSecond: number;
  /** Bytes. */
  readonly memory: number;
  readonly hostCalls: number;
  readonly denials: number;
}

/** The last ten minutes, and the guests of the last sample. */
export interface Meters {
  /** Milliseconds between two samples. */
  readonly every: number;
  readonly samples: Sample[];
  readonly guests: Guest[];
}

/** The data of an event `meters`. */
export interface MeterReading {
  readonly sample: Sample;
  readonly guests: Guest[];
}
