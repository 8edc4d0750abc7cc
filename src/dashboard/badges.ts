/** States as a mark and a word: the mark's shape tells them apart where colours do not. */
import type { ExecutionStatus, TaskState } from "./api_types.ts";
import { element } from "./dom.ts";

/** A state of a task or an execution. */
export type BadgeKind = TaskState | ExecutionStatus;

/** The mark of each. Its colour stands in the style sheet, as `.badge-KIND`. */
export const BADGES: Readonly<Record<BadgeKind, string>> = {
  ready: "○",
  queued: "◔",
  running: "▶",
  paused: "❚❚",
  waiting: "↻",
  completed: "✓",
  succeeded: "✓",
  failed: "✕",
  stopped: "■",
  interrupted: "⚡",
};

/** A state as an element. */
export function badge(kind: BadgeKind): HTMLElement {
  return element(
    "span",
    { class: `badge badge-${kind}` },
    element("span", { class: "badge-mark", "aria-hidden": "true" }, BADGES[kind]),
    kind,
  );
}
