/**
 * What is granted, as data that JSON can say: words that a person or a file gave, read once. The command sends it from one
 * process to the other; the library makes capabilities of it at once.
 */
import type { AlertLevel } from "../core/alert_level.ts";
import type { LogLevel } from "../core/log_level.ts";
import { AlertCapability } from "../policy/alert_capability.ts";
import type { Capability } from "../policy/capability.ts";
import { ClockCapability } from "../policy/clock_capability.ts";
import { EnvCapability } from "../policy/env_capability.ts";
import { FilesystemCapability } from "../policy/filesystem_capability.ts";
import { LoggingCapability } from "../policy/logging_capability.ts";
import { NetworkCapability } from "../policy/network_capability.ts";
import { RandomCapability } from "../policy/random_capability.ts";
import { type PlanSensor, sensorCapability } from "./sensors.ts";

/** What may be done to files. */
export const FILE_RIGHTS = ["read", "write", "create", "delete"] as const;

/** One of {@linkcode FILE_RIGHTS}. */
export type FileRight = typeof FILE_RIGHTS[number];

/** Rights that have a name of their own. */
export const DIRECTORY_RIGHTS = {
  read: ["read"],
  write: ["write", "create", "delete"],
  full: FILE_RIGHTS,
} as const satisfies Readonly<Record<string, readonly FileRight[]>>;

/** A directory or file that is granted. */
export interface PlanDirectory {
  /** Absolute, links followed. */
  readonly host: string;
  /** As the guest names it. */
  readonly guest: string;
  /** Others than `read` let something be changed. */
  readonly rights: keyof typeof DIRECTORY_RIGHTS | readonly FileRight[];
  /** Bytes of a file after a write; no bound where it is missing. */
  readonly maxFileSize?: number;
  /** Bytes that are written in all; no bound where it is missing. */
  readonly totalBytes?: number;
}

/** Hosts that are granted with bounds. */
export interface PlanHost {
  /** As given; `null` for all public ones. */
  readonly host: string | null;
  /** Of all public hosts. */
  readonly ports?: readonly number[];
  readonly methods?: readonly string[];
  readonly maxBody?: number;
  readonly connections?: number;
}

/** Which clocks a {@linkcode PlanClock} can tell. */
export const CLOCKS = ["all", "monotonic", "realtime"] as const;

/** Clocks that are granted. */
export interface PlanClock {
  readonly clock: typeof CLOCKS[number];
  /** Milliseconds since 1970, at which it stands. */
  readonly fixed?: number;
  /** Milliseconds. */
  readonly resolution?: number;
}

/** Messages that are taken. */
export interface PlanLog {
  readonly level: LogLevel;
  readonly maxMessage?: number;
  readonly rate?: number;
}

/** Alerts that are taken. */
export interface PlanAlert {
  readonly level: AlertLevel;
  readonly maxMessage?: number;
  readonly rate?: number;
  readonly keep?: number;
}

/** A variable of the guest's environment, and the one of the host process that holds its value. */
export interface PlanVariable {
  readonly name: string;
  readonly from: string;
}

/** All that is granted. */
export interface PlanGrants {
  readonly directories: readonly PlanDirectory[];
  /** Hosts as given. */
  readonly net: readonly (string | PlanHost)[];
  readonly clock: boolean | PlanClock;
  readonly logging: boolean | PlanLog;
  readonly sensors: readonly PlanSensor[];
  /** The least important level of alerts that are taken; `null` for none. */
  readonly alert: AlertLevel | PlanAlert | null;
  readonly random: boolean;
  /** Decimal; `null` for none. */
  readonly seed: string | null;
  readonly env: readonly PlanVariable[];
}

/** The grants of a run that was given none. */
export const NO_GRANTS: PlanGrants = Object.freeze({
  directories: [],
  net: [],
  clock: false,
  logging: false,
  sensors: [],
  alert: null,
  random: false,
  seed: null,
  env: [],
});

/** Whether something can be changed in a directory that is granted. */
export function isWritable({ rights }: Pick<PlanDirectory, "rights">): boolean {
  return typeof rights === "string" ? rights !== "read" : rights.some((right) => right !== "read");
}

/** The capability of a directory. @throws {AegisError} `InvalidOption` */
export function directoryCapability({ host, guest, rights, ...bounds }: PlanDirectory): Capability {
  const named = typeof rights === "string" ? DIRECTORY_RIGHTS[rights] : rights;
  const granted = Object.fromEntries(named.map((right) => [right, true] as const));
  return FilesystemCapability.custom({ paths: [{ host, guest }], ...granted, ...bounds });
}

/** The capability of hosts. @throws {AegisError} `InvalidOption` */
export function hostCapability(granted: string | PlanHost): Capability {
  if (typeof granted === "string") return NetworkCapability.hosts([granted]);
  const { host, ports, ...bounds } = granted;
  if (host !== null) return NetworkCapability.hosts([host], bounds);
  return NetworkCapability.full({ ...bounds, ...(ports === undefined ? {} : { ports }) });
}

/** The capability of clocks. @throws {AegisError} `InvalidOption` */
export function clockCapability(granted: true | PlanClock): Capability {
  if (granted === true) return ClockCapability.all();
  const { clock, fixed, ...options } = granted;
  return fixed === undefined ? ClockCapability[clock](options) : ClockCapability.fixed(fixed, options);
}

/** The capability of the log. @throws {AegisError} `InvalidOption` */
export function logCapability(granted: true | PlanLog): Capability {
  if (granted === true) return LoggingCapability.all();
  const { level, ...options } = granted;
  return LoggingCapability.atLevel(level, options);
}

/** The capability of alerts. @throws {AegisError} `InvalidOption` */
export function alertCapability(granted: AlertLevel | PlanAlert): Capability {
  if (typeof granted === "string") return AlertCapability.atLevel(granted);
  const { level, ...options } = granted;
  return AlertCapability.atLevel(level, options);
}

/**
 * The capabilities that grants stand for.
 *
 * @param variable the value of a variable of this process; one that is not set is left out
 * @throws {AegisError} `InvalidOption`
 */
export function capabilitiesOf(
  grants: PlanGrants,
  variable: (name: string) => string | undefined,
): Capability[] {
  const capabilities: Capability[] = grants.directories.map(directoryCapability);
  capabilities.push(...grants.net.map(hostCapability));
  if (grants.clock !== false) capabilities.push(clockCapability(grants.clock));
  if (grants.logging !== false) capabilities.push(logCapability(grants.logging));
  capabilities.push(...grants.sensors.map(sensorCapability));
  if (grants.alert !== null) capabilities.push(alertCapability(grants.alert));
  if (grants.random) capabilities.push(RandomCapability.secure());
  if (grants.seed !== null) capabilities.push(RandomCapability.seeded(BigInt(grants.seed)));
  const set = grants.env.flatMap(({ name, from }) => {
    const value = variable(from);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (set.length > 0) capabilities.push(EnvCapability.set(Object.fromEntries(set)));
  return capabilities;
}
