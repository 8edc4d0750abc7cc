import type { Task } from "../api_types.ts";
import type { NewTask } from "../forms/new_task.ts";

/** What the server keeps of a task's settings: all of them, with what was not said filled in. */
interface KeptSettings extends Omit<NewTask, "name" | "module" | "deadline"> {
  /** Milliseconds. */
  readonly deadline?: number;
}

/** What a task was made with, as forms say it. */
export function settingsOfTask({ name, group, priority, settings }: Task): Partial<NewTask> {
  const { deadline, ...kept } = settings as unknown as KeptSettings; // as the task layer writes them
  return {
    ...kept,
    name,
    ...(group === null ? {} : { group }),
    priority: priority as NonNullable<NewTask["priority"]>, // one of the server's
    ...(deadline === undefined ? {} : { deadline: `${deadline}ms` }),
  };
}
