/**
 * A run of the server as it can be made elsewhere: by the command line, by the library. What only the server knows, such as
 * the paths that its policy grants, is said in notes.
 */
import type { AlertLevel } from "../../core/alert_level.ts";
import type { Engine } from "../../core/engine.ts";
import type { Json } from "../../core/json.ts";
import { type LimitName, LIMITS, type PresetName } from "../../core/limits.ts";
import type { LogLevel } from "../../core/log_level.ts";
import { ALERT_LEVELS } from "../../core/alert_level.ts";
import { LOG_LEVELS } from "../../core/log_level.ts";
import type { LimitAmount, Policy } from "../api_types.ts";
import { limitAmount } from "../forms/limit_text.ts";
import type { ExportedFunction, ModuleFacts } from "../forms/module_facts.ts";
import type { NewTask, TaskGrants } from "../forms/new_task.ts";

/** An argument, and what it is for the function. */
export interface LocalArgument {
  readonly kind: string;
  /** As the server takes it. */
  readonly value: Json;
}

export interface LocalRun {
  /** Name of the module's file, in the current directory. */
  readonly file: string;
  readonly function: string;
  readonly args: readonly LocalArgument[];
  /** Arguments and input of a program; undefined for a module that has none. */
  readonly program: { readonly argv: readonly string[]; readonly stdin: string } | undefined;
  readonly engine: Engine;
  readonly preset: PresetName;
  /** What each limit comes to: bytes, milliseconds, counts. */
  readonly limits: Readonly<Record<LimitName, LimitAmount>>;
  readonly grants: TaskGrants;
  /** Whether the first denial ends it. */
  readonly strict: boolean;
  /** What is not the same. */
  readonly notes: readonly string[];
}

export interface LocalRunFacts {
  readonly fileName: string;
  readonly facts: Pick<ModuleFacts, "needs" | "needsWasi">;
  readonly called: ExportedFunction;
  readonly policy: Policy;
}

/** What a run comes to elsewhere. */
export function localRun(
  task: Omit<NewTask, "module" | "name">,
  { fileName, facts, called, policy }: LocalRunFacts,
): LocalRun {
  const { args = [], argv = [], stdin = "", preset = "os", engine } = task;
  const { grants, notes } = grantsOf(task, { facts, policy });
  return {
    file: localName(fileName),
    function: called.name,
    args: args.map((value, index) => ({ kind: called.type.params[index] ?? "", value })),
    program: facts.needsWasi ? { argv, stdin } : undefined,
    engine: engine ?? policy.engine,
    preset,
    limits: effectiveLimits(task, policy),
    grants,
    strict: task.policy === "strict",
    notes,
  };
}

/** A name that is one file of the current directory, whatever somebody has called a module. */
export function localName(name: string): string {
  const last = name.toWellFormed().replaceAll("\0", "").split(/[/\\]/).at(-1) ?? "";
  const stem = last === "" || last === "." || last === ".." ? "module" : last;
  return /\.wasm$/i.test(stem) ? stem : `${stem.replace(/\.wat$/i, "")}.wasm`;
}

/** What each limit of a task comes to: what it says itself, else what its preset does, else the server. */
export function effectiveLimits(
  { preset = "os", limits = {} }: Pick<NewTask, "preset" | "limits">,
  policy: Policy,
): Record<LimitName, LimitAmount> {
  const names = Object.keys(LIMITS) as LimitName[]; // its own keys
  return Object.fromEntries(names.map((name) => {
    const own = limits[name];
    return [name, own === undefined ? policy.presets[preset]?.[name] ?? null : limitAmount(name, own)];
  })) as Record<LimitName, LimitAmount>; // all of them
}

/** What the server describes of its grants, as far as it can be told from that. */
function grantsOf(
  { policy: part = "permissive", grants: listed = {} }: Pick<NewTask, "policy" | "grants">,
  { facts, policy }: Pick<LocalRunFacts, "facts" | "policy">,
): { readonly grants: TaskGrants; readonly notes: readonly string[] } {
  const notes: string[] = [], asked = new Set<string>(facts.needs.map(({ capability }) => capability));
  const room = part === "strict" ? [] : part === "sandbox" ? ["logging", "sensor", "alert"] : undefined;
  /** Details of what is granted of a kind, that the module asks for and for which nothing is listed. */
  const granted = (kind: string, isListed: boolean): string[] => {
    if (isListed || !asked.has(kind) || room !== undefined && !room.includes(kind)) return [];
    return policy.grants.filter(({ capability }) => capability === kind).map(({ detail }) => detail);
  };
  const unknown = (kind: string, details: readonly string[], flag: string) => {
    for (const detail of details) notes.push(`The server grants ${kind} ${detail}. Add ${flag} for it.`);
  };
  const { read, write, net, env } = listed;
  unknown("files", granted("filesystem", read !== undefined || write !== undefined), "what grants it");
  unknown("hosts", granted("network", net !== undefined), "what grants it");
  const level = /level (\w+)/.exec(granted("logging", listed.logging !== undefined)[0] ?? "")?.[1];
  const alerts = /level (\w+)/.exec(granted("alert", listed.alerts !== undefined)[0] ?? "")?.[1];
  const variables = granted("env", env !== undefined).flatMap((detail) => {
    const [, name] = /^("(?:[^"\\]|\\.)*"), as the host has it$/.exec(detail) ?? [];
    if (name !== undefined && !name.includes("…")) return [JSON.parse(name) as string]; // as it was quoted
    unknown("the variable", [detail], "one of your own");
    return [];
  });
  const sensors = sensorsOf(listed, {
    details: granted("sensor", listed.sensors !== undefined),
    policy,
    notes,
  });
  return {
    notes,
    grants: {
      ...listed,
      ...(isLogLevel(level) ? { logging: level } : {}),
      ...(isAlert(alerts) ? { alerts } : {}),
      ...(granted("clock", listed.clock === true).length > 0 ? { clock: true } : {}),
      ...(granted("random", listed.random === true).length > 0 ? { random: true } : {}),
      ...(variables.length > 0 ? { env: variables } : {}),
      ...(Object.keys(sensors).length > 0 ? { sensors } : {}),
    },
  };
}

/** Sensors with the values that are known. */
function sensorsOf(
  listed: TaskGrants,
  { details, policy, notes }: {
    readonly details: readonly string[];
    readonly policy: Policy;
    readonly notes: string[];
  },
): NonNullable<TaskGrants["sensors"]> {
  const found: Record<string, number | readonly number[]> = {};
  const take = (detail: string) => {
    const [, id, value] = /^(\d+) reads (-?\d+)$/.exec(detail) ?? [];
    if (id !== undefined) found[id] = Number(value);
    else notes.push(`On the server, sensor ${detail}. Give it values of your own.`);
  };
  details.forEach(take);
  for (const [id, reading] of Object.entries(listed.sensors ?? {})) {
    if (reading !== "runtime") found[id] = reading;
    else {
      policy.grants.filter(({ capability, detail }) =>
        capability === "sensor" && detail.startsWith(`${id} reads `)
      )
        .forEach(({ detail }) => take(detail));
    }
  }
  return found;
}

function isLogLevel(level: string | undefined): level is LogLevel {
  return level !== undefined && Object.hasOwn(LOG_LEVELS, level);
}

function isAlert(level: string | undefined): level is AlertLevel {
  return level !== undefined && Object.hasOwn(ALERT_LEVELS, level);
}
