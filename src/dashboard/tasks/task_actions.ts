/** What can be asked of a task, and from which states. The server decides; this is what a person is offered. */
import type { TaskState } from "../api_types.ts";

interface ActionRow {
  readonly label: string;
  /** What is said when it was done. */
  readonly done: string;
  readonly mark: string;
  readonly from: readonly TaskState[];
  /** Whether what is lost by it cannot be had again. */
  readonly final?: true;
}

const IDLE = ["ready", "completed", "failed", "stopped", "interrupted"] as const;
const ACTIVE = ["queued", "running", "paused", "waiting"] as const;

export const TASK_ACTIONS = {
  start: { label: "Start", done: "started", mark: "▶", from: IDLE },
  resume: { label: "Resume", done: "resumed", mark: "▶", from: ["paused"] },
  pause: { label: "Pause", done: "paused", mark: "❚❚", from: ["queued", "running", "waiting"] },
  stop: { label: "Stop", done: "stopped", mark: "■", from: ACTIVE },
  restart: { label: "Restart", done: "restarted", mark: "↻", from: [...ACTIVE, ...IDLE.slice(1)] },
  remove: { label: "Delete", done: "deleted", mark: "✕", from: [...IDLE, ...ACTIVE], final: true },
} as const satisfies Record<string, ActionRow>;

/** A key of {@linkcode TASK_ACTIONS}. */
export type TaskActionName = keyof typeof TASK_ACTIONS;

/** All of them, in the order in which they are shown. */
export const TASK_ACTION_NAMES = Object.keys(TASK_ACTIONS) as readonly TaskActionName[]; // its own keys

/** Whether a task in this state can be asked for it. */
export function isOffered(action: TaskActionName, state: TaskState): boolean {
  const row: ActionRow = TASK_ACTIONS[action];
  return row.from.includes(state);
}

/** What a confirmation says before tasks are deleted. */
export function deletionText(count: number): string {
  const what = count === 1
    ? "The task, its history and its logs are"
    : `${count.toLocaleString()} tasks, their history and their logs are`;
  return `${what} forgotten. What runs is stopped first. This cannot be taken back.`;
}
