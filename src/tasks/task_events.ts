/** What happens to tasks, for those who want to be told: a page that is open, a command that follows a log. */
import type { AlertLevel } from "../core/alert_level.ts";
import type { LogLine } from "./captured_log.ts";
import type { ExecutionRecord } from "./store/execution_table.ts";
import type { TaskState } from "./task_states.ts";

/** Something that has happened to a task. */
export type EventOfTask =
  | { readonly type: "task_created" | "task_removed"; readonly name: string }
  | { readonly type: "task_state"; readonly from: TaskState; readonly to: TaskState }
  | { readonly type: "execution_started"; readonly execution: number; readonly attempt: number }
  | { readonly type: "execution_finished"; readonly execution: ExecutionRecord }
  | {
    readonly type: "log";
    readonly execution: number;
    readonly line: LogLine;
    /** Its place in the log of the execution, from 0. */
    readonly index: number;
  }
  | {
    readonly type: "alert";
    readonly execution: number;
    readonly level: AlertLevel;
    /** The guest's text. */
    readonly message: string;
  }
  | {
    readonly type: "denial";
    readonly execution: number;
    /** Kind of the capability, and what was to be done to what, as in the execution's activity. */
    readonly capability: string;
    readonly action: string;
    readonly target: string;
    readonly reason: string;
    /** How often it happened since it was told last: a few are told each second. */
    readonly count: number;
  };

/** The store could not be read or written, where nobody waits for it; it is tried again. */
export interface StoreErrorEvent {
  /** Tells it from the others. */
  readonly type: "store_error";
  /** What the database says. */
  readonly error: string;
}

/** Something that has happened. Times are milliseconds since 1970. */
export type TaskEvent =
  & { readonly time: number }
  & (
    | EventOfTask & { readonly task: string }
    | StoreErrorEvent & { readonly task: string | undefined }
  );

/** The `type` of each. */
export const TASK_EVENT_TYPES = [
  "task_created",
  "task_removed",
  "task_state",
  "execution_started",
  "execution_finished",
  "log",
  "alert",
  "denial",
  "store_error",
] as const satisfies readonly TaskEvent["type"][];

/** What is told as soon as whoever causes it is done: listeners find everything in the state that they are told of. */
export class TaskEvents {
  readonly #listeners: Set<(event: TaskEvent) => void> = new Set();
  #untold: TaskEvent[] = [];

  /** Whether anybody listens. */
  get active(): boolean {
    return this.#listeners.size > 0;
  }

  /** @returns takes it back */
  subscribe(listener: (event: TaskEvent) => void): () => void {
    const own = (event: TaskEvent) => listener(event); // one that is given twice is told twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Tells everybody. What a listener throws concerns neither the task nor the other listeners. */
  tell(event: TaskEvent): void {
    if (!this.active) return;
    if (this.#untold.push(event) === 1) queueMicrotask(() => this.#tellAll());
  }

  #tellAll(): void {
    const untold = this.#untold;
    this.#untold = [];
    for (const event of untold) {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch {
          // as above
        }
      }
    }
  }
}
