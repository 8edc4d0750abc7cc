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

/** The last execution of a task. */
export interface LastExecution {
  readonly id: number;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  /** Microseconds of wall time. */
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
  /** Units that its executions have used. */
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

/** What a guest has used so far. */
export interface Usage {
  readonly fuel: string;
  readonly cpuMs: number;
  /** Bytes. */
  readonly memory: number;
  readonly hostCalls: number;
  readonly denials: number;
}

/** A guest as it was seen last. */
export interface Guest extends Usage {
  readonly task: string;
  readonly name: string;
  readonly state: TaskState;
  readonly execution: number;
  readonly startedAt: number;
  readonly engine: "v8" | "interpreter";
  /** Share of one core. */
  readonly cpu: number;
  readonly fuelPerSecond: number;
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

/** An amount of a limit: bytes, milliseconds or a count; null for no bound, text for more than a double holds. */
export type LimitAmount = number | string | null;

/** What tasks may use at most. */
export interface Policy {
  readonly engine: "v8" | "interpreter";
  /** By the names of limits. */
  readonly limits: Record<string, { value: LimitAmount; unit: "bytes" | "count" | "time" }>;
  /** What a task of each preset asks for, where it names no limits of its own. */
  readonly presets: Record<string, Record<string, LimitAmount>>;
  readonly grants: { capability: string; detail: string }[];
}
