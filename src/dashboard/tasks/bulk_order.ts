/** The same asked of many tasks, some at a time, so that it is seen how far it is and can be ended. */
import type { Api, Query } from "../api.ts";
import type { BulkAnswer, Page, Task } from "../api_types.ts";
import type { TaskActionName } from "./task_actions.ts";

/** Tasks of one request, and of one part of the list. */
const AT_ONCE = 50, PART = 1000;

/** A task, as far as a person has to know it. */
export type NamedTask = Pick<Task, "id" | "name">;

/** One that refused, and why. */
export interface Refusal extends NamedTask {
  readonly reason: string;
}

/** All tasks that a filter lets through. */
export async function allTasks(api: Api, query: Query, signal: AbortSignal): Promise<NamedTask[]> {
  const found: NamedTask[] = [];
  for (let from: number | null | undefined = undefined; from !== null;) {
    const page: Page<Task> = await api.get(
      "/tasks",
      { ...query, limit: PART, ...from === undefined ? {} : { from } },
      signal,
    );
    found.push(...page.items.map(({ id, name }) => ({ id, name })));
    from = page.next;
  }
  return found;
}

/**
 * Asks them.
 *
 * @param onProgress told how many were asked, and which of them refused
 */
export async function orderTasks(
  api: Api,
  { action, tasks, signal, onProgress }: {
    readonly action: TaskActionName;
    readonly tasks: readonly NamedTask[];
    readonly signal: AbortSignal;
    readonly onProgress: (asked: number, refused: readonly Refusal[]) => void;
  },
): Promise<void> {
  const names = new Map(tasks.map(({ id, name }) => [id, name]));
  for (let at = 0; at < tasks.length && !signal.aborted; at += AT_ONCE) {
    const ids = tasks.slice(at, at + AT_ONCE).map(({ id }) => id);
    const { results } = await api.send<BulkAnswer>("POST", "/tasks/bulk", { action, ids });
    const refused = results.flatMap(({ id, error }) =>
      error === null ? [] : [{ id, name: names.get(id) ?? id, reason: error.message }]
    );
    onProgress(Math.min(at + AT_ONCE, tasks.length), refused);
  }
}
