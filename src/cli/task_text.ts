/** Tasks, executions and logs as a person reads them. Names, errors and logs are others' text: they are escaped. */
import { formatDuration } from "../core/unit_text.ts";
import { groupDigits } from "../core/group_digits.ts";
import { printable, printableName } from "./printable.ts";

/** A task as a server tells it. */
export interface TaskJson {
  readonly id: string;
  readonly name: string;
  readonly module: string;
  readonly state: string;
  readonly priority: string;
  readonly group: string | null;
  readonly executions: number;
  readonly failures: number;
  readonly error: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly settings: {
    readonly function?: string;
    readonly args: readonly unknown[];
    readonly argv: readonly string[];
  };
}

/** When a task starts by itself, as a server tells it. */
export interface ScheduleJson {
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
  readonly nextAt: number | null;
}

/** An execution as a server tells it. */
export interface ExecutionJson {
  readonly id: number;
  readonly attempt: number;
  readonly trigger: string;
  readonly startedAt: number;
  readonly durationUs: number | null;
  readonly status: string;
  readonly outcome: string | null;
  readonly error: string | null;
  readonly results: unknown;
  readonly fuel: string | null;
}

/** A line of a log as a server tells it. */
export interface LogLineJson {
  readonly source: string;
  readonly level?: string;
  readonly text: string;
  readonly cut?: true;
}

/** Digits of an id that tell a task from others, as a rule. */
const SHORT_ID = 8;

/** Rows under a head, in columns. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  return [head, ...rows].map((row) =>
    `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}\n`
  )
    .join("");
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("T", " ").slice(0, 19);
}

export function taskTable(tasks: readonly TaskJson[]): string {
  if (tasks.length === 0) return "No tasks\n";
  return table(
    ["ID", "NAME", "STATE", "RUNS", "FAILED", "CHANGED"],
    tasks.map(({ id, name, state, executions, failures, updatedAt }) => [
      id.slice(0, SHORT_ID),
      printableName(name),
      state,
      String(executions),
      String(failures),
      timeText(updatedAt),
    ]),
  );
}

function scheduleText({ cron, timezone, enabled, nextAt }: ScheduleJson): string {
  const next = !enabled ? "off" : nextAt === null ? "never again" : `next ${timeText(nextAt)}`;
  return `${printable(cron)} in ${printable(timezone)}, ${next}`;
}

/** What is passed to a function or a program, as JSON; undefined where nothing is. */
function wordsText(words: readonly unknown[]): string | undefined {
  return words.length === 0 ? undefined : printable(words.map((word) => JSON.stringify(word)).join(" "));
}

export function taskText(task: TaskJson, schedules: readonly ScheduleJson[]): string {
  const { id, name, module, state, priority, group, executions, failures, error, createdAt, updatedAt } =
    task;
  const { function: called, args, argv } = task.settings, passed = wordsText(args) ?? wordsText(argv);
  const lines: [string, string][] = [
    ["Id", id],
    ["Name", printableName(name)],
    ["State", state],
    ["Module", module],
    ...(called === undefined ? [] : [["Function", printableName(called)] as [string, string]]),
    ...(passed === undefined ? [] : [["Arguments", passed] as [string, string]]),
    ["Priority", priority],
    ...(group === null ? [] : [["Group", printableName(group)] as [string, string]]),
    ...schedules.map((schedule): [string, string] => ["Schedule", scheduleText(schedule)]),
    ["Runs", `${executions}, ${failures} failed`],
    ...(error === null ? [] : [["Last error", printable(error)] as [string, string]]),
    ["Made", timeText(createdAt)],
    ["Changed", timeText(updatedAt)],
  ];
  return lines.map(([label, value]) => `${label.padEnd(11)} ${value}\n`).join("");
}

export function historyTable(executions: readonly ExecutionJson[]): string {
  if (executions.length === 0) return "It was never started\n";
  return table(
    ["RUN", "STARTED", "TRIGGER", "TRY", "TOOK", "STATUS", "FUEL", "RESULT"],
    executions.map((
      { id, startedAt, trigger, attempt, durationUs, status, fuel, outcome, error, results },
    ) => [
      String(id),
      timeText(startedAt),
      trigger,
      String(attempt),
      durationUs === null ? "" : formatDuration(durationUs / 1000),
      status,
      fuel === null ? "" : groupDigits(fuel),
      results === null ? printable(error ?? outcome ?? "") : printable(JSON.stringify(results)),
    ]),
  );
}

export function logText({ source, level, text, cut }: LogLineJson): string {
  const from = level === undefined ? source : `${source} ${level}`;
  return `${from}: ${printable(text)}${cut === true ? " …" : ""}\n`;
}
