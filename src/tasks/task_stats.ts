/** What a manager tells of all its tasks together. */
import type { LiveExecution } from "./task_scheduler.ts";
import type { TaskState } from "./task_states.ts";

/** Counts of what there is, and of what was done since the store was made. */
export interface TaskStats {
  /** Tasks, whatever they do. */
  readonly tasks: number;
  /** How many are in each state. */
  readonly states: Readonly<Record<TaskState, number>>;
  /** Tasks that wait for a guest, and that have one. */
  readonly queued: number;
  /** Tasks that have a guest. */
  readonly live: number;
  /** Executions that have ended. */
  readonly executions: number;
  /** Those that failed, or were cut off. */
  readonly failures: number;
  /** Units of fuel. */
  readonly fuel: bigint;
  /** Calls of host functions. */
  readonly hostCalls: number;
  /** Bytes of the database. */
  readonly storeSize: number;
  /** Times that the database failed where nobody waited for it, since it was opened. */
  readonly storeErrors: number;
}

/** What is under way at one moment. */
export interface TaskLoad {
  /** Tasks that wait for a guest. */
  readonly queued: number;
  /** Those that have one, or are about to. */
  readonly live: readonly LiveExecution[];
  /** Units of fuel, of all executions: those that have ended, and those that are under way as far as they are. */
  readonly fuel: bigint;
}
