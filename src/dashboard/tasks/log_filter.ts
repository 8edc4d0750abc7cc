/** Which lines of a log are shown: by source, by level, by text. */
import type { LogLine } from "../api_types.ts";

/** How bad each level is; logs and alerts have different words. What says none counts as `info`. */
const SEVERITY: Readonly<Record<string, number>> = {
  trace: 0,
  debug: 1,
  info: 2,
  warn: 3,
  warning: 3,
  error: 4,
  critical: 5,
};

/** Levels from which lines are shown. */
export const LOG_THRESHOLDS = ["debug", "info", "warning", "error", "critical"] as const;

export const LOG_SOURCES: readonly LogLine["source"][] = [
  "log",
  "stdout",
  "stderr",
  "alert",
  "denial",
  "system",
];

export interface LogFilter {
  /** Empty for all. */
  readonly source: string;
  /** One of {@linkcode LOG_THRESHOLDS}; empty for all. */
  readonly level: string;
  readonly text: string;
}

/** How bad a line is: `trace` is 0, `critical` 5. */
export function severity({ source, level }: Pick<LogLine, "source" | "level">): number {
  if (level !== undefined) return SEVERITY[level] ?? 2;
  return source === "denial" ? 3 : 2;
}

export function isShown(line: LogLine, { source, level, text }: LogFilter): boolean {
  if (source !== "" && line.source !== source) return false;
  if (level !== "" && severity(line) < (SEVERITY[level] ?? 0)) return false;
  return text === "" || line.text.toLowerCase().includes(text.toLowerCase());
}

/** A line as it is copied. */
export function lineText({ time, source, level, text, cut }: LogLine): string {
  const from = level === undefined ? source : `${source} ${level}`;
  return `${new Date(time).toISOString()} ${from}: ${text}${cut ? " […]" : ""}`;
}
