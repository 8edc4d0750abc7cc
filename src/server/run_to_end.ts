import type { ExecutionRecord } from "../tasks/store/execution_table.ts";
import type { TaskManager } from "../tasks/task_manager.ts";
import { TASK_STATES } from "../tasks/task_states.ts";
import { AegisError } from "../core/errors.ts";

/**
 * Starts a task and waits until it is active no more, its retries included.
 *
 * @param wait milliseconds; what takes longer goes on unwatched
 * @returns its last execution
 * @throws {AegisError} `NotFound`, `WrongState`
 */
export async function runToEnd(tasks: TaskManager, id: string, wait: number): Promise<ExecutionRecord> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = tasks.subscribe((event) => {
    if (event.task === id && event.type === "task_state" && !TASK_STATES[event.to].active) resolve();
  });
  const timer = setTimeout(resolve, wait);
  try {
    tasks.start(id);
    await promise;
  } finally {
    clearTimeout(timer);
    unsubscribe();
  }
  const [last] = tasks.executions({ task: id }, { most: 1 }).items;
  if (last === undefined) {
    throw new AegisError("Busy", "The task still waits for a guest", {
      suggestion: `Look for task "${id}" later.`,
    });
  }
  return last;
}
