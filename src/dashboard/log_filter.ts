/** Which lines of a log are shown: by source, by level, by text. */
import type { LogLine } from "./api_types.ts";

/** How bad each level is; logs and alerts have different words. A line without one counts as `info`. */
const SEVERITY: Readonly<Record<string, number>> = {
  trace: 0,
  debug: 1,
  info: 2,
  warn: 3,
  warning: 3,
  error: 4,
  critical: 5,
};

/** Levels from which on lines can be shown. */
export const LOG_THRESHOLDS = ["debug", "info", "warning", "error", "critical"] as const;

export const LOG_SOURCES = [
  "log",
  "stdout",
  "stderr",
  "alert",
  "denial",
  "system",
] as const satisfies readonly LogLine["source"][];

export interface LogFilter {
  /** Empty for all. */
  readonly source: string;
  /** The least, one of {@linkcode LOG_THRESHOLDS}; empty for all. */
  readonly level: string;
  /** Part of the line, or of the task's name, in any case; empty for all. */
  readonly text: string;
}

/** How bad a line is, from 0 to 5. What was denied is a warning. */
export function severity({ source, level }: Pick<LogLine, "source" | "level">): number {
  return SEVERITY[level ?? (source === "denial" ? "warning" : "info")] ?? 2;
}

/** @param name of the task, where lines of several tasks are shown */
export function isShown(line: LogLine, { source, level, text }: LogFilter, name = ""): boolean {
  if (source !== "" && line.source !== source) return false;
  if (level !== "" && severity(line) < (SEVERITY[level] ?? 0)) return false;
  const wanted = text.toLowerCase();
  return wanted === "" || line.text.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted);
}
