/**
 * What a task is to do and may use: read once, where it is made, into what is kept as JSON. It is checked against the
 * runtime when it runs, since that may have changed in between.
 */
import { PRIORITIES, type Priority } from "./run_queue.ts";
import { readTaskGrants, type TaskGrants, taskPolicy } from "./task_grants.ts";
import { readRetryOptions, type RetryOptions, type RetryPolicy } from "./retry_policy.ts";
import { parseSpan } from "./span.ts";
import { type Engine, ENGINES } from "../core/engine.ts";
import { AegisError } from "../core/errors.ts";
import {
  formatLimit,
  type LimitName,
  type LimitOptions,
  LIMITS,
  type Limits,
  type PresetName,
  PRESETS,
  resolveLimits,
} from "../core/limits.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import type { Duration } from "../core/units.ts";
import type { Policy } from "../policy/grants.ts";
import { POLICY_PRESETS, type PolicyPresetName } from "../policy/presets.ts";

/** What an argument of a function can be, as JSON says it: i64 also as text, `"9007199254740993"`. */
export type TaskValue = null | boolean | number | string | readonly TaskValue[] | {
  readonly [key: string]: TaskValue;
};

/** What a task is made of, beside its module. Unknown keys are refused. */
export interface TaskOptions {
  /** What it is called: 1 to 200 characters. */
  readonly name: string;
  /** The exported function. @default `_start`, else `main` */
  readonly function?: string;
  /** Arguments of the function. @default none */
  readonly args?: readonly TaskValue[];
  /** Arguments of the program, behind its name. @default none */
  readonly argv?: readonly string[];
  /** Standard input, at most 1 Mi characters. @default empty */
  readonly stdin?: string;
  /** Who comes first. @default "normal" */
  readonly priority?: Priority;
  /** Tasks that are dealt with together: 1 to 200 characters. @default none */
  readonly group?: string;
  /** Limits that the others start from. @default "os": 1,000,000 units of fuel, 5 s, 1,000 host calls */
  readonly preset?: PresetName;
  /** Limits of each execution, no more than the runtime's. */
  readonly limits?: LimitOptions;
  /**
   * What it gets of what the runtime grants, and what a denial does: `"permissive"` all of it, `"sandbox"` the log, sensors
   * and alerts, `"strict"` what is listed in `grants`, and a denial ends it. @default "permissive"
   */
  readonly policy?: PolicyPresetName;
  /** What is listed for it. @default nothing */
  readonly grants?: TaskGrants;
  /** What runs it. @default that of the runtime */
  readonly engine?: Engine;
  /** Whether and when it is tried again. @default never */
  readonly retries?: RetryOptions;
  /**
   * How long an execution may take altogether, the time included for which its guest stands still. Where `limits.timeout`
   * bounds what the guest does, this bounds how long anybody waits. @default no bound
   */
  readonly deadline?: Duration;
  /** How often a guest of engine "interpreter" is saved while it runs, to go on after a crash. @default never */
  readonly checkpointEvery?: Duration;
  /** Executions that are remembered, 1 to 10,000. @default 100 */
  readonly history?: number;
}

/** The same as it is kept: total but for what is decided when the task runs. */
export interface TaskSettings {
  /** The exported function, if one was named. */
  readonly function?: string;
  /** Arguments of the function. */
  readonly args: readonly TaskValue[];
  /** Arguments of the program. */
  readonly argv: readonly string[];
  /** Standard input. */
  readonly stdin: string;
  /** Limits that the others start from. */
  readonly preset: PresetName;
  /** Limits of each execution. */
  readonly limits: { readonly [Name in LimitName]?: number | string };
  /** What it gets of what the runtime grants. */
  readonly policy: PolicyPresetName;
  /** What is listed for it. */
  readonly grants: TaskGrants;
  /** What runs it, if that was said. */
  readonly engine?: Engine;
  /** Whether and when it is tried again. */
  readonly retries: RetryPolicy;
  /** Milliseconds. */
  readonly deadline?: number;
  /** Milliseconds. */
  readonly checkpointEvery?: number;
  /** Executions that are remembered. */
  readonly history: number;
}

/** Options that were read. */
export interface ReadTask {
  readonly name: string;
  readonly priority: Priority;
  readonly group: string | undefined;
  readonly settings: TaskSettings;
}

const OPTIONS: OptionNames<TaskOptions> = {
  place: "of a task",
  names: {
    name: true,
    function: true,
    args: true,
    argv: true,
    stdin: true,
    priority: true,
    group: true,
    preset: true,
    limits: true,
    policy: true,
    grants: true,
    engine: true,
    retries: true,
    deadline: true,
    checkpointEvery: true,
    history: true,
  },
};

const LONGEST_NAME = 200, LONGEST_INPUT = 2 ** 20, MOST_WORDS = 1000, MOST_HISTORY = 10_000;

/** @throws {AegisError} `InvalidOption`, `LimitTooLow` */
export function readTaskOptions(options: TaskOptions): ReadTask {
  checkOptionNames(options, OPTIONS);
  const { args = [], argv = [], stdin = "", priority = "normal", preset = "os", limits = {}, history = 100 } =
    options;
  const { policy = "permissive", grants = {} } = options;
  checkText("name", options.name, LONGEST_NAME);
  if (options.group !== undefined) checkText("group", options.group, LONGEST_NAME);
  if (options.function !== undefined) checkText("function", options.function, LONGEST_INPUT);
  if (!Object.hasOwn(PRIORITIES, priority)) {
    throw invalid("priority", priority, Object.keys(PRIORITIES).join(", "));
  }
  if (!Object.hasOwn(PRESETS, preset)) throw invalid("preset", preset, Object.keys(PRESETS).join(", "));
  if (!Object.hasOwn(POLICY_PRESETS, policy)) {
    throw invalid("policy", policy, Object.keys(POLICY_PRESETS).join(", "));
  }
  if (!Array.isArray(args) || args.length > MOST_WORDS) {
    throw invalid("args", args, `a list of at most ${MOST_WORDS}`);
  }
  if (!Array.isArray(argv) || argv.length > MOST_WORDS || argv.some((word) => typeof word !== "string")) {
    throw invalid("argv", argv, `a list of at most ${MOST_WORDS} texts`);
  }
  if (typeof stdin !== "string" || stdin.length > LONGEST_INPUT) {
    throw invalid("stdin", typeof stdin, `text of at most ${LONGEST_INPUT} characters`);
  }
  if (!Number.isInteger(history) || history < 1 || history > MOST_HISTORY) {
    throw invalid("history", history, `a whole number from 1 to ${MOST_HISTORY}`);
  }
  const input = argumentsJson([args, argv]);
  if (input.length > LONGEST_INPUT) {
    throw invalid("args", "so much", `at most ${LONGEST_INPUT} characters as JSON`);
  }
  resolveLimits(limits, preset);
  const settings: TaskSettings = {
    ...present({ function: options.function, engine: readEngine(options.engine) }),
    args,
    argv,
    stdin,
    preset,
    limits: plainLimits(limits),
    policy,
    grants: readTaskGrants(grants),
    retries: readRetryOptions(options.retries ?? {}),
    ...present({
      deadline: time("deadline", options.deadline),
      checkpointEvery: time("checkpointEvery", options.checkpointEvery),
    }),
    history,
  };
  if (settings.checkpointEvery !== undefined && settings.engine !== "interpreter") {
    throw new AegisError("InvalidOption", "Cannot save a task that V8 runs", {
      field: "checkpointEvery",
      suggestion: 'Give it engine "interpreter".',
    });
  }
  return { name: options.name, priority, group: options.group, settings };
}

function readEngine(engine: Engine | undefined): Engine | undefined {
  if (engine === undefined || ENGINES.includes(engine)) return engine;
  throw invalid("engine", engine, ENGINES.join(", "));
}

/** Shortest time that is a wish, and no mistake. */
const LEAST_TIME = 100;

function time(field: string, value: Duration | undefined): number | undefined {
  if (value === undefined) return undefined;
  return parseSpan(field, value, LEAST_TIME);
}

/** @throws {AegisError} `InvalidOption` for what JSON cannot say */
function argumentsJson(args: unknown): string {
  try {
    return JSON.stringify(args, (_, value: unknown) => {
      const said = value === null || ["boolean", "string", "object"].includes(typeof value) ||
        Number.isFinite(value);
      if (said) return value;
      throw new TypeError(`a value is ${typeof value === "number" ? value : typeof value}`);
    });
  } catch (error) {
    throw invalid(
      "args",
      error instanceof Error ? error.message : error,
      'what JSON can say; text for others: "nan"',
    );
  }
}

/**
 * Checks what a task asks for against what the runtime allows, which may be less.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function checkAllowed(
  settings: TaskSettings,
  runtime: { readonly limits: Limits; readonly policy: Policy },
): void {
  const { preset, limits } = settings;
  taskPolicy(settings, runtime.policy);
  const given: LimitOptions = { ...PRESETS[preset], ...limits }, wanted = resolveLimits(given);
  for (const name of Object.keys(given) as LimitName[]) { // its own keys, which were read before
    if (wanted[name] <= runtime.limits[name]) continue;
    throw new AegisError(
      "InvalidOption",
      `Cannot set ${name} of a task to ${formatLimit(name, wanted[name])}: its runtime has ${
        formatLimit(name, runtime.limits[name])
      }`,
      { field: name, suggestion: "Lower the limit, or take a smaller preset." },
    );
  }
}

/** Limits that JSON can say. */
function plainLimits(limits: LimitOptions): TaskSettings["limits"] {
  const entries = Object.entries(limits).filter(([name, value]) =>
    Object.hasOwn(LIMITS, name) && value !== undefined
  );
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "bigint" ? String(value) : value]),
  );
}

function checkText(field: string, text: unknown, longest: number): void {
  if (typeof text === "string" && text !== "" && text.length <= longest) return;
  throw invalid(field, text, `text of 1 to ${longest} characters`);
}

function invalid(field: string, value: unknown, allowed: string): AegisError {
  const shown = String(value);
  return new AegisError(
    "InvalidOption",
    `Cannot set ${field} of a task to ${
      quote(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown)
    }: use ${allowed}`,
    { field },
  );
}

function present<T extends object>(options: { readonly [Key in keyof T]: T[Key] | undefined }): Partial<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>; // a part of the same keys
}
