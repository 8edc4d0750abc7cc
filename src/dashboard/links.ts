/** Addresses of pages that one page names to another. What they say of a page is read by that page from its own address. */
import type { TaskState } from "./api_types.ts";

const TASKS = "/pages/tasks.html";

/** The list of tasks; with a state, of those in it. */
export function tasksLink(state?: TaskState): string {
  return state === undefined ? TASKS : `${TASKS}?status=${state}`;
}

export function taskLink(id: string): string {
  return `${TASKS}?task=${encodeURIComponent(id)}`;
}

export function executionLink(id: number): string {
  return `${TASKS}?execution=${id}`;
}

/** The list of tasks of a group. */
export function groupLink(group: string): string {
  return `${TASKS}?group=${encodeURIComponent(group)}`;
}

/** A module that the server keeps, looked into. @param hash of its bytes */
export function moduleLink(hash: string): string {
  return `/pages/inspect.html?module=${encodeURIComponent(hash)}`;
}
