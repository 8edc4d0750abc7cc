/** Asks for something to be done with one task, and tells how that went. */
import type { Api } from "../api.ts";
import type { Task } from "../api_types.ts";
import { confirmed } from "../confirm.ts";
import { attempt } from "../notices.ts";
import { deletionText, TASK_ACTIONS, type TaskActionName } from "./task_actions.ts";

/** @returns whether it was done */
export async function orderTask(
  api: Api,
  { id, name }: Pick<Task, "id" | "name">,
  action: TaskActionName,
): Promise<boolean> {
  const path = `/tasks/${encodeURIComponent(id)}`, done = `“${name}” was ${TASK_ACTIONS[action].done}`;
  if (action !== "remove") return await attempt(() => api.send("POST", `${path}/${action}`), done);
  const sure = await confirmed({ title: `Delete “${name}”?`, text: deletionText(1), action: "Delete" });
  return sure && await attempt(() => api.send("DELETE", path), done);
}
