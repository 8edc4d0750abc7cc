/**
 * What a run grants, as it travels in the plan: words that a person gave, with paths made absolute. Both processes
 * make capabilities of it, the first one to find mistakes, the second one to run with them.
 */
import { type AlertLevel, isAlertLevel } from "../core/alert_level.ts";
import { AegisError } from "../core/errors.ts";
import { AlertCapability } from "../policy/alert_capability.ts";
import type { Capability } from "../policy/capability.ts";
import { ClockCapability } from "../policy/clock_capability.ts";
import { EnvCapability } from "../policy/env_capability.ts";
import { FilesystemCapability } from "../policy/filesystem_capability.ts";
import { LoggingCapability } from "../policy/logging_capability.ts";
import { NetworkCapability } from "../policy/network_capability.ts";
import { RandomCapability } from "../policy/random_capability.ts";
import { list, record, text, textOrNull, truth } from "./plan_fields.ts";
import { decodeSensor, type PlanSensor, sensorCapability } from "./sensor_flag.ts";
import { quote } from "../core/quote.ts";

/** What may be done to the files of a {@linkcode PlanDirectory}. */
export const DIRECTORY_RIGHTS = {
  read: { read: true },
  write: { write: true, create: true, delete: true },
  full: { read: true, write: true, create: true, delete: true },
} as const;

/** A directory or file that is granted. */
export interface PlanDirectory {
  /** Absolute, links followed. */
  readonly host: string;
  /** As the guest names it. */
  readonly guest: string;
  readonly rights: keyof typeof DIRECTORY_RIGHTS;
}

/** A variable of the guest's environment, and the one of the host process that holds its value. */
export interface PlanVariable {
  readonly name: string;
  readonly from: string;
}

export interface PlanGrants {
  readonly directories: readonly PlanDirectory[];
  /** Hosts as given. */
  readonly net: readonly string[];
  readonly clock: boolean;
  readonly logging: boolean;
  readonly sensors: readonly PlanSensor[];
  /** The least important level of alerts that are taken; `null` for none. */
  readonly alert: AlertLevel | null;
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

/**
 * The capabilities that a plan grants.
 *
 * @param variable the value of a variable of this process; one that is not set is left out
 * @throws {AegisError} `InvalidOption`
 */
export function capabilitiesOf(
  grants: PlanGrants,
  variable: (name: string) => string | undefined,
): Capability[] {
  const capabilities: Capability[] = grants.directories.map(({ host, guest, rights }) =>
    FilesystemCapability.custom({ paths: [{ host, guest }], ...DIRECTORY_RIGHTS[rights] })
  );
  if (grants.net.length > 0) capabilities.push(NetworkCapability.hosts(grants.net));
  if (grants.clock) capabilities.push(ClockCapability.all());
  if (grants.logging) capabilities.push(LoggingCapability.all());
  capabilities.push(...grants.sensors.map(sensorCapability));
  if (grants.alert !== null) capabilities.push(AlertCapability.atLevel(grants.alert));
  if (grants.random) capabilities.push(RandomCapability.secure());
  if (grants.seed !== null) capabilities.push(RandomCapability.seeded(BigInt(grants.seed)));
  const set = grants.env.flatMap(({ name, from }) => {
    const value = variable(from);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (set.length > 0) capabilities.push(EnvCapability.set(Object.fromEntries(set)));
  return capabilities;
}

/** Checks every field. @throws {AegisError} `InvalidOption` */
export function decodeGrants(value: unknown): PlanGrants {
  const grants = record(value, "grants");
  const seed = textOrNull(grants["seed"], "grants.seed");
  if (seed !== null && !/^[0-9]{1,20}$/.test(seed)) {
    throw new AegisError("InvalidOption", `Cannot read the run plan: grants.seed is ${quote(seed)}`);
  }
  return {
    directories: list(grants["directories"], "grants.directories").map((item) => {
      const directory = record(item, "grants.directories");
      const rights = text(directory["rights"], "grants.directories.rights");
      if (!isRights(rights)) {
        throw new AegisError("InvalidOption", `Cannot read the run plan: unknown rights ${quote(rights)}`);
      }
      return {
        host: text(directory["host"], "grants.directories.host"),
        guest: text(directory["guest"], "grants.directories.guest"),
        rights,
      };
    }),
    net: list(grants["net"], "grants.net").map((item) => text(item, "grants.net")),
    clock: truth(grants["clock"], "grants.clock"),
    logging: truth(grants["logging"], "grants.logging"),
    sensors: list(grants["sensors"], "grants.sensors").map(decodeSensor),
    alert: decodeAlert(grants["alert"]),
    random: truth(grants["random"], "grants.random"),
    seed,
    env: list(grants["env"], "grants.env").map((item) => {
      const variable = record(item, "grants.env");
      return {
        name: text(variable["name"], "grants.env.name"),
        from: text(variable["from"], "grants.env.from"),
      };
    }),
  };
}

function decodeAlert(value: unknown): AlertLevel | null {
  const level = textOrNull(value, "grants.alert");
  if (level === null || isAlertLevel(level)) return level;
  throw new AegisError("InvalidOption", `Cannot read the run plan: unknown level of alerts ${quote(level)}`);
}

function isRights(name: string): name is PlanDirectory["rights"] {
  return Object.hasOwn(DIRECTORY_RIGHTS, name);
}
