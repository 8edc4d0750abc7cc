/** What a task was made with, and what it may use, in words. */
import type { Policy, Task } from "../api_types.ts";
import { durationText, exactText } from "../format.ts";
import { type LimitName, LIMITS, PRESETS, resolveLimits, UNLIMITED_FUEL } from "../../core/limits.ts";
import { formatByteSize } from "../../core/unit_text.ts";

/** A name, and what is said of it. */
export interface Fact {
  readonly label: string;
  readonly text: string;
  /** Whether the text is code. */
  readonly code?: true;
}

/** Settings, as far as the words know them. They were read by the server when the task was made. */
interface Settings {
  readonly function?: string;
  readonly args?: readonly unknown[];
  readonly argv?: readonly string[];
  readonly stdin?: string;
  readonly preset?: string;
  readonly limits?: Readonly<Record<string, number | string>>;
  readonly policy?: string;
  readonly grants?: Readonly<Record<string, unknown>>;
  readonly engine?: string;
  readonly retries?: {
    readonly count: number;
    readonly delay: number;
    readonly factor: number;
    readonly longest: number;
    readonly interrupted: boolean;
  };
  readonly deadline?: number;
  readonly checkpointEvery?: number;
  readonly history?: number;
}

/** Settings of a task, as the server tells them. */
export function settingsOf(task: Task): Settings {
  return task.settings as Settings; // as src/tasks/task_settings.ts keeps them
}

/** What it calls with what, and what becomes of failures. */
export function settingWords(task: Task, policy: Policy): Fact[] {
  const settings = settingsOf(task), { args = [], argv = [], stdin = "", retries } = settings;
  return [
    settings.function === undefined
      ? { label: "Function", text: "_start, else main" }
      : { label: "Function", text: settings.function, code: true },
    ...(args.length === 0 ? [] : [{ label: "Arguments", text: JSON.stringify(args), code: true } as const]),
    ...(argv.length === 0 ? [] : [{ label: "Program arguments", text: argv.join(" "), code: true } as const]),
    ...(stdin === ""
      ? []
      : [{ label: "Standard input", text: `${stdin.length.toLocaleString()} characters` }]),
    { label: "Engine", text: settings.engine ?? `${policy.engine}, as the server has it` },
    { label: "Retries", text: retryWords(retries) },
    ...(settings.deadline === undefined ? [] : [{ label: "Deadline", text: timeText(settings.deadline) }]),
    ...(settings.checkpointEvery === undefined
      ? []
      : [{ label: "Saved", text: `every ${timeText(settings.checkpointEvery)} while it runs` }]),
    { label: "History", text: `the last ${(settings.history ?? 100).toLocaleString()} executions` },
  ];
}

function retryWords(retries: Settings["retries"]): string {
  if (retries === undefined || retries.count === 0) return "never tried again";
  const { count, delay, factor, longest, interrupted } = retries;
  const times = count === 1 ? "once more" : `${count} times more`;
  const growth = factor === 1 || count === 1
    ? ""
    : `, each wait ${factor} times the one before, at most ${timeText(longest)}`;
  return `${times} after a failure, first after ${timeText(delay)}${growth}${
    interrupted ? "; also when it was cut off with the server" : ""
  }`;
}

/** Limits that somebody looks for first. */
const FIRST: ReadonlySet<LimitName> = new Set([
  "fuelLimit",
  "timeout",
  "cpuTime",
  "memoryLimit",
  "stackLimit",
  "hostCallLimit",
]);

/** One limit, as it holds for the task. */
export interface LimitFact extends Fact {
  /** Whose wish it is. */
  readonly from: "task" | "preset" | "server";
  /** Whether it is one of those that are looked for first. */
  readonly first: boolean;
}

/** What its executions may use at most. What neither the task nor its preset names is the server's. */
export function limitWords(task: Task, policy: Policy): LimitFact[] {
  const { preset = "os", limits = {} } = settingsOf(task);
  const ofPreset = Object.hasOwn(PRESETS, preset) ? PRESETS[preset as keyof typeof PRESETS] : {}; // which was looked at
  const resolved = resolveLimits({ ...ofPreset, ...limits });
  return (Object.keys(LIMITS) as LimitName[]).map((name) => { // its own keys
    const from = Object.hasOwn(limits, name) ? "task" : Object.hasOwn(ofPreset, name) ? "preset" : "server";
    const value = from === "server" ? policy.limits[name]?.value ?? null : resolved[name];
    return { label: LIMITS[name].doc, text: amountText(name, value), from, first: FIRST.has(name) };
  });
}

function amountText(name: LimitName, value: number | string | bigint | null): string {
  if (value === null || value === Infinity || value === UNLIMITED_FUEL) return "unlimited";
  switch (LIMITS[name].unit) {
    case "bytes":
      return formatByteSize(Number(value));
    case "time":
      return timeText(Number(value));
    case "count":
      return name === "fuelLimit" ? `${exactText(value)} units` : exactText(value);
  }
}

/** @param milliseconds of an interval */
function timeText(milliseconds: number): string {
  return durationText(milliseconds * 1000).replace(/ 0 (?:s|min|h)$/, "");
}

const POLICIES: Readonly<Record<string, string>> = {
  permissive: "It gets whatever the server grants",
  sandbox: "Of what the server grants it gets the log, sensors and alerts alone",
  strict: "It gets what is listed for it and nothing else, and its first denial ends it",
};

const GRANTS: Readonly<Record<string, (value: unknown) => string>> = {
  read: (value) => `Reads ${listText(value)}`,
  write: (value) => `Reads and writes ${listText(value)}`,
  net: (value) => `Asks the hosts ${listText(value)}`,
  logging: (value) => `Logs from the level ${String(value)}`,
  alerts: (value) => `Sends alerts from the level ${String(value)}`,
  sensors: (value) => `Reads the sensors ${sensorText(value)}`,
  clock: (value) => value === true ? "Sees the time" : "Does not see the time",
  random: (value) => value === true ? "Gets true random bytes" : "Gets no true random bytes",
  env: (value) => `Sees the variables ${listText(value)}`,
};

function listText(value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? value.map(String).join(", ") : "(none)";
}

function sensorText(value: unknown): string {
  if (typeof value !== "object" || value === null) return "(none)";
  return Object.entries(value).map(([id, reading]) =>
    reading === "runtime"
      ? `${id} of the server`
      : `${id} (${Array.isArray(reading) ? "a series" : String(reading)})`
  ).join(", ") || "(none)";
}

/** What it may reach: a sentence each. */
export function grantWords(
  task: Task,
  server: Policy,
): { readonly policy: string; readonly listed: string[]; readonly server: string[] } {
  const { policy = "permissive", grants = {} } = settingsOf(task);
  return {
    policy: `${POLICIES[policy] ?? policy} (${policy}).`,
    listed: Object.entries(grants).map(([name, value]) => GRANTS[name]?.(value) ?? name),
    server: server.grants.map(({ capability, detail }) => `${capability}: ${detail}`),
  };
}
