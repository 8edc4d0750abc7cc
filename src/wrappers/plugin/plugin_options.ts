/** What a host decides about its plugins. */
import { AegisError } from "../../core/errors.ts";
import type { Engine } from "../../core/engine.ts";
import { type LimitOptions, type Limits, resolveLimits } from "../../core/limits.ts";
import { checkOptionNames } from "../../core/option_names.ts";
import { type Duration, parseDuration } from "../../core/units.ts";
import type { Capability } from "../../policy/capability.ts";
import type { Isolation } from "../../sandbox/aegis_options.ts";
import type { HostFunctionDefinition } from "../../sandbox/host_functions.ts";
import type { Timers } from "../../sandbox/timers.ts";
import type { PluginEvent } from "./plugin_events.ts";

/** How the health of a plugin is watched. */
export interface HealthOptions {
  /** Time between two checks. @default "10s" */
  readonly interval?: Duration;
  /** What one check may take. @default "1s" */
  readonly timeout?: Duration;
  /** Checks in a row that fail until it is unhealthy, and started anew. @default 3 */
  readonly failures?: number;
  /** Restarts in a row, with no good check between them, until it is left alone. @default 3 */
  readonly restarts?: number;
  /** Time after an upgrade in which one failed check brings the version before back. @default "30s" */
  readonly probation?: Duration;
}

/** What a plugin may use: the host's word, whatever its manifest wishes. */
export interface PluginGrants {
  /** What it may reach. @default nothing */
  readonly grants?: readonly Capability[];
  /** Its limits; fuel and time are those of each call. @default the standard ones */
  readonly limits?: LimitOptions;
  /** Functions of the host that it may import, by module and name. @default none */
  readonly functions?: Readonly<Record<string, Readonly<Record<string, HostFunctionDefinition>>>>;
}

/** What a host decides about one plugin. */
export interface PluginSettings extends PluginGrants {
  /** The versions that it may be of. @default "*" */
  readonly version?: string;
  /** How its health is watched. @default as the host's */
  readonly health?: HealthOptions;
}

/** Options of a host. */
export interface PluginHostOptions {
  /** By names of plugins. One that is not named here is given nothing. @default {} */
  readonly plugins?: Readonly<Record<string, PluginSettings>>;
  /** For plugins that have none of their own. */
  readonly health?: HealthOptions;
  /** What calls under way have when their version is replaced, before they are ended. @default "30s" */
  readonly drain?: Duration;
  /** Where plugins run, see `AegisOptions`. @default "auto" */
  readonly isolation?: Isolation;
  /** What runs them. @default "v8" */
  readonly engine?: Engine;
  /** Told of what happens. What it throws is dropped. */
  readonly onEvent?: (event: PluginEvent) => void;
  /** @ignore Time, for tests. */
  readonly timers?: Timers;
}

/** {@linkcode HealthOptions} that were read; times in milliseconds. */
export interface HealthPlan {
  readonly interval: number;
  readonly timeout: number;
  readonly failures: number;
  readonly restarts: number;
  readonly probation: number;
}

const HEALTH = { interval: true, timeout: true, failures: true, restarts: true, probation: true };

function count(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new AegisError(
    "InvalidOption",
    `Cannot set ${name} to ${value}: use a whole number from ${least} on`,
    {
      field: name,
    },
  );
}

/** @throws {AegisError} `InvalidOption` */
export function readHealth(own: HealthOptions | undefined, common: HealthOptions | undefined): HealthPlan {
  for (const options of [own ?? {}, common ?? {}]) {
    checkOptionNames<HealthOptions>(options, { place: "of a plugin's health", names: HEALTH });
  }
  const { interval = "10s", timeout = "1s", failures = 3, restarts = 3, probation = "30s" } = {
    ...common,
    ...own,
  };
  return {
    interval: Math.max(1, parseDuration(interval, "interval")),
    timeout: Math.max(1, parseDuration(timeout, "timeout")),
    failures: count(failures, "failures", 1),
    restarts: count(restarts, "restarts", 0),
    probation: parseDuration(probation, "probation"),
  };
}

/** Limits of a plugin. @throws {AegisError} `InvalidOption`, `LimitTooLow` */
export function readLimits({ limits = {} }: PluginGrants): Limits {
  return resolveLimits(limits);
}

const SETTINGS = { grants: true, limits: true, functions: true, version: true, health: true };

/** @throws {AegisError} `InvalidOption` for a name that is none */
export function checkSettings(settings: PluginSettings): void {
  checkOptionNames<PluginSettings>(settings, { place: "of a plugin", names: SETTINGS });
}
