/** What a task may reach, as JSON says it: of what its runtime grants, a preset and what is listed. */
import { type AlertLevel, isAlertLevel } from "../core/alert_level.ts";
import { AegisError } from "../core/errors.ts";
import { LOG_LEVELS, type LogLevel } from "../core/log_level.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { AlertCapability } from "../policy/alert_capability.ts";
import type { Capability } from "../policy/capability.ts";
import { ClockCapability } from "../policy/clock_capability.ts";
import { EnvCapability } from "../policy/env_capability.ts";
import { FilesystemCapability, type GrantedPath } from "../policy/filesystem_capability.ts";
import type { Policy } from "../policy/grants.ts";
import { LoggingCapability } from "../policy/logging_capability.ts";
import { NetworkCapability } from "../policy/network_capability.ts";
import { mergeGrants, narrowPolicy } from "../policy/policy.ts";
import { applyPolicyPreset, type PolicyPresetName, type PresetOptions } from "../policy/presets.ts";
import { RandomCapability } from "../policy/random_capability.ts";
import { SensorCapability } from "../policy/sensor_capability.ts";

/**
 * What is listed for a task: each narrows what the runtime grants of its kind, and takes the place of all of it. Unknown
 * keys are refused.
 */
export interface TaskGrants {
  /** Paths of the host to read, `HOST` or `HOST::GUEST`. */
  readonly read?: readonly string[];
  /** Paths of the host to read, change, make and remove, likewise. */
  readonly write?: readonly string[];
  /** Hosts, as `--allow-net` has them. */
  readonly net?: readonly string[];
  /** The least important level that is taken. */
  readonly logging?: LogLevel;
  /** The same of alerts. */
  readonly alerts?: AlertLevel;
  /** Sensors by number: `"runtime"` for what the runtime has, or what the task is to read: a number, a series. */
  readonly sensors?: Readonly<Record<string, "runtime" | number | readonly number[]>>;
  /** Whether it sees the time. */
  readonly clock?: boolean;
  /** Whether its random bytes are true ones. */
  readonly random?: boolean;
  /** Names of variables. */
  readonly env?: readonly string[];
}

const NAMES: OptionNames<TaskGrants> = {
  place: "of a task's grants",
  group: "grants",
  names: {
    read: true,
    write: true,
    net: true,
    logging: true,
    alerts: true,
    sensors: true,
    clock: true,
    random: true,
    env: true,
  },
};

/** Items of one list: what is kept as JSON of each task. */
const MOST_ITEMS = 100;

/** Checks the form. @throws {AegisError} `InvalidOption` */
export function readTaskGrants(grants: TaskGrants): TaskGrants {
  checkOptionNames(grants, NAMES);
  for (const field of ["read", "write", "net", "env"] as const) {
    const list: unknown = grants[field];
    if (list === undefined || isTexts(list) && list.length <= MOST_ITEMS) continue;
    throw invalid(field, list, `a list of at most ${MOST_ITEMS} texts`);
  }
  for (const field of ["clock", "random"] as const) {
    if (grants[field] !== undefined && typeof grants[field] !== "boolean") {
      throw invalid(field, grants[field], "true or false");
    }
  }
  const { logging, alerts, sensors = {} } = grants;
  if (logging !== undefined && !Object.hasOwn(LOG_LEVELS, logging)) {
    throw invalid("logging", logging, Object.keys(LOG_LEVELS).join(", "));
  }
  if (alerts !== undefined && !isAlertLevel(alerts)) {
    throw invalid("alerts", alerts, "info, warning, error, critical");
  }
  if (typeof sensors !== "object" || sensors === null || Array.isArray(sensors)) {
    throw invalid("sensors", sensors, "an object: a number for each sensor");
  }
  if (Object.keys(sensors).length > MOST_ITEMS) throw invalid("sensors", "so many", `at most ${MOST_ITEMS}`);
  capabilitiesOf(grants); // which checks the values
  return grants;
}

/** The capabilities that are listed. @throws {AegisError} `InvalidOption` */
export function capabilitiesOf(grants: TaskGrants): Capability[] {
  const { read = [], write = [], net = [], logging, alerts, sensors = {}, clock, random, env = [] } = grants;
  return [
    ...(read.length === 0 ? [] : [FilesystemCapability.readOnly(read.map(readPath))]),
    ...(write.length === 0 ? [] : [FilesystemCapability.full(write.map(readPath))]),
    ...(net.length === 0 ? [] : [NetworkCapability.hosts(net)]),
    ...(logging === undefined ? [] : [LoggingCapability.atLevel(logging)]),
    ...(alerts === undefined ? [] : [AlertCapability.atLevel(alerts)]),
    ...Object.entries(sensors).map(([id, value]) => sensorOf(id, value)),
    ...(clock === true ? [ClockCapability.all()] : []),
    ...(random === true ? [RandomCapability.secure()] : []),
    ...(env.length === 0 ? [] : [EnvCapability.inherit(env)]),
  ];
}

/**
 * What a task's sandbox gets.
 *
 * @param runtime the policy of its runtime
 * @throws {AegisError} `InvalidOption` for more than the runtime grants, or the preset leaves room for
 */
export function taskPolicy(
  { policy, grants }: { readonly policy: PolicyPresetName; readonly grants: TaskGrants },
  runtime: Policy,
): PresetOptions {
  const options = applyPolicyPreset(policy, runtime, capabilitiesOf(grants));
  narrowPolicy(runtime, mergeGrants(options.capabilities));
  return options;
}

function sensorOf(name: string, value: unknown): Capability {
  const id = /^\d{1,10}$/.test(name) ? Number(name) : NaN;
  if (value === "runtime") return SensorCapability.ids([id]);
  if (typeof value === "number") return SensorCapability.constant(id, value);
  if (Array.isArray(value) && value.length <= MOST_ITEMS * MOST_ITEMS) {
    return SensorCapability.series(id, value);
  }
  throw invalid(`sensors.${name}`, value, '"runtime", a number or a list of numbers');
}

function readPath(text: string): GrantedPath {
  const [host = "", guest, ...more] = text.split("::");
  if (more.length > 0) throw invalid("read", text, "HOST or HOST::GUEST");
  return guest === undefined ? host : { host, guest };
}

function isTexts(list: unknown): list is readonly string[] {
  return Array.isArray(list) && list.every((item) => typeof item === "string");
}

function invalid(field: string, value: unknown, allowed: string): AegisError {
  const shown = String(value).slice(0, 60);
  return new AegisError(
    "InvalidOption",
    `Cannot set grants.${field} of a task to ${quote(shown)}: use ${allowed}`,
    {
      field: `grants.${field}`,
    },
  );
}
