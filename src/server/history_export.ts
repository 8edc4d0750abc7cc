/** Executions as lines: JSON, or comma-separated values as RFC 4180 has them. */
import { executionView } from "./views.ts";
import type { ExecutionRecord } from "../tasks/store/execution_table.ts";

/** How executions are written. */
export type ExportFormat = "jsonl" | "csv";

const COLUMNS = [
  "id",
  "task",
  "attempt",
  "trigger",
  "queuedAt",
  "startedAt",
  "finishedAt",
  "durationUs",
  "status",
  "outcome",
  "error",
  "inputs",
  "results",
  "fuel",
  "cpuUs",
  "peakMemory",
  "hostCalls",
  "denials",
] as const;

/** A line for each, each with its end; in `csv` one with the names of the columns first. */
export function* exportLines(executions: Iterable<ExecutionRecord>, format: ExportFormat): Generator<string> {
  if (format === "csv") yield `${COLUMNS.join(",")}\r\n`;
  for (const execution of executions) {
    const view = executionView(execution);
    yield format === "jsonl"
      ? `${JSON.stringify(view)}\n`
      : `${COLUMNS.map((name) => cell(view[name])).join(",")}\r\n`;
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string"
    ? value
    : typeof value === "number"
    ? String(value)
    : JSON.stringify(value);
  // A spreadsheet would take what begins so for a formula.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
