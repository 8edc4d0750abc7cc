/** An entry of the audit as a row: when, who, what, of what. */
import type { AuditRecord } from "./api_types.ts";
import { type Child, element } from "./dom.ts";
import { shortText, timeElement } from "./format.ts";
import { moduleLink, taskLink } from "./links.ts";
import type { TaskNames } from "./task_names.ts";

/** The task that an entry is about; undefined where it is about another thing. */
export function taskOfAudit({ action, target, detail }: AuditRecord): string | undefined {
  if (action === "schedule.create") return detail ?? undefined;
  const isOfOne = action.startsWith("task.") && action !== "task.bulk" &&
    /^[0-9a-f-]{36}$/.test(target ?? "");
  return isOfOne ? target ?? undefined : undefined;
}

export function auditRow(record: AuditRecord, names: TaskNames): HTMLTableRowElement {
  const { at, actor, action } = record;
  return element(
    "tr",
    {},
    element("td", { class: "time" }, timeElement(at)),
    element("td", {}, actor),
    element("td", {}, action.replace(".", " ")),
    element("td", { class: "name" }, targetOf(record, names)),
  );
}

function targetOf(record: AuditRecord, names: TaskNames): Child {
  const { action, target, detail } = record, task = taskOfAudit(record);
  if (task !== undefined) {
    // What is gone has no page.
    return action === "task.remove" ? names.of(task) : element("a", { href: taskLink(task) }, names.of(task));
  }
  if (action === "module.add" && target !== null) {
    return element("a", { href: moduleLink(target) }, "module ", element("code", {}, shortText(target)));
  }
  const words = [
    target === null ? "" : /^[0-9a-f]{64}$/.test(target) ? shortText(target) : target,
    detail ?? "",
  ];
  return words.filter((word) => word !== "").join(", ") || "–";
}
