/** Which view of the page Tasks is shown. One HTML file has all of them; the query says which. */

/** A view, as the query says it. */
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
