/** What events say of tasks, so that a list follows them without asking the server for each. */
import type { Execution, LastExecution, LogLine, Task, TaskState } from "../api_types.ts";

/** Events of tasks, as far as these pages hear them. */
export type TaskEvent =
  | { readonly type: "task_created" | "task_removed"; readonly task: string; readonly time: number }
  | { readonly type: "task_state"; readonly task: string; readonly time: number; readonly to: TaskState }
  | {
    readonly type: "execution_started";
    readonly task: string;
    readonly time: number;
    readonly execution: number;
    readonly attempt: number;
  }
  | {
    readonly type: "execution_finished";
    readonly task: string;
    readonly time: number;
    readonly execution: Execution;
  }
  | {
    readonly type: "log";
    readonly task: string;
    readonly time: number;
    readonly execution: number;
    readonly index: number;
    readonly line: LogLine;
  };

const TYPES: ReadonlySet<string> = new Set<TaskEvent["type"]>([
  "task_created",
  "task_removed",
  "task_state",
  "execution_started",
  "execution_finished",
  "log",
]);

/** An event of a task; undefined for others. */
export function taskEvent(type: string, data: unknown): TaskEvent | undefined {
  return TYPES.has(type) ? data as TaskEvent : undefined; // as the server sends events of these types
}

/** A task after an event. One that says what is known already changes nothing, so it may be told twice. */
export function changedTask(task: Task, event: TaskEvent): Task {
  switch (event.type) {
    case "task_state":
      return { ...task, state: event.to, updatedAt: event.time };
    case "execution_started": {
      if ((task.lastExecution?.id ?? 0) >= event.execution) return task;
      const lastExecution: LastExecution = {
        id: event.execution,
        status: "running",
        startedAt: event.time,
        durationUs: null,
        fuel: null,
      };
      return { ...task, attempt: event.attempt, lastExecution };
    }
    case "execution_finished":
      return finished(task, event.execution);
    default:
      return task;
  }
}

function finished(task: Task, execution: Execution): Task {
  const { id, status, startedAt, durationUs, fuel } = execution, last = task.lastExecution;
  if (last !== null && (last.id > id || last.id === id && last.status !== "running")) return task;
  return {
    ...task,
    executions: task.executions + 1,
    failures: task.failures + (status === "failed" ? 1 : 0),
    fuel: String(BigInt(task.fuel) + BigInt(fuel ?? 0)),
    lastExecution: { id, status, startedAt, durationUs, fuel },
    error: execution.error,
  };
}
