/** Where tasks and executions are shown. One HTML file has all views; the query says which. */

const PAGE = "/pages/tasks.html";

export function taskLink(id: string): string {
  return `${PAGE}?task=${encodeURIComponent(id)}`;
}

export function executionLink(id: number): string {
  return `${PAGE}?execution=${id}`;
}

/** Tasks of a group. */
export function groupLink(group: string): string {
  return `${PAGE}?group=${encodeURIComponent(group)}`;
}

/** What the browser's own page for a module is. */
export function moduleLink(hash: string): string {
  return `/pages/inspect.html?module=${encodeURIComponent(hash)}`;
}

/** A view of the page, as its query says it. */
export type View =
  | { readonly name: "tasks" }
  | { readonly name: "executions" }
  | { readonly name: "task"; readonly id: string }
  | { readonly name: "execution"; readonly id: number };

/** @param search what stands behind the path, with its `?` */
export function viewOf(search: string): View {
  const query = new URLSearchParams(search), task = query.get("task"), execution = query.get("execution");
  if (execution !== null && /^[1-9]\d{0,14}$/.test(execution)) {
    return { name: "execution", id: Number(execution) };
  }
  if (task !== null && task !== "") return { name: "task", id: task };
  return { name: query.get("view") === "executions" ? "executions" : "tasks" };
}
