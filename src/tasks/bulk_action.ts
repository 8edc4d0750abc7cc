/** What is asked of several tasks at once. */
import type { TaskRecord } from "./store/task_table.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** How one of several tasks took what was asked of all. */
export interface BulkResult {
  /** Of the task. */
  readonly id: string;
  /** As it is now; absent when it was removed. */
  readonly task?: TaskRecord;
  /** What it refused with. */
  readonly error?: AegisError;
}

/** What can be asked of several tasks. */
export const BULK_ACTIONS = ["start", "pause", "resume", "stop", "restart", "remove"] as const;

/** One of {@linkcode BULK_ACTIONS}. */
export type BulkAction = typeof BULK_ACTIONS[number];

/** @throws {AegisError} `InvalidOption` for an action that there is none of */
export function checkBulkAction(action: BulkAction): void {
  if (BULK_ACTIONS.includes(action)) return;
  throw new AegisError(
    "InvalidOption",
    `Cannot ask tasks to ${quote(String(action))}: use one of ${BULK_ACTIONS.join(", ")}`,
    { field: "action" },
  );
}
