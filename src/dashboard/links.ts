/** Addresses of pages that one page names to another. What they say of a page is read by that page from its own address. */
import type { TaskState } from "./api_types.ts";

/** The list of tasks; with a state, of those in it. */
export function tasksLink(state?: TaskState): string {
  return state === undefined ? "/pages/tasks.html" : `/pages/tasks.html?state=${state}`;
}

/** A task; with an execution, that one of it. */
export function taskLink(id: string, execution?: number): string {
  const query = new URLSearchParams({ task: id });
  if (execution !== undefined) query.set("execution", String(execution));
  return `/pages/tasks.html?${query}`;
}

/** A module that the server keeps, looked into. @param hash of its bytes */
export function moduleLink(hash: string): string {
  return `/pages/inspect.html?module=${hash}`;
}
