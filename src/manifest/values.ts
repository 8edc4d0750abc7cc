/** What keys of a manifest say, read: sizes in bytes, times in milliseconds, paths placed beside their file. */
import type { AlertLevel } from "../core/alert_level.ts";
import type { Engine } from "../core/engine.ts";
import type { LimitName, LIMITS, PresetName } from "../core/limits.ts";
import type { OnDenial } from "../core/on_denial.ts";
import type { Isolation } from "../sandbox/aegis_options.ts";
import type { PlanAlert, PlanClock, PlanDirectory, PlanHost, PlanLog } from "./grants.ts";
import type { PlanSensor } from "./sensors.ts";

/** Values of limits; Infinity for a size or a time without bound. */
export type LimitValues = {
  readonly [Name in LimitName]?: (typeof LIMITS)[Name]["unit"] extends "count" ? bigint | "unlimited"
    : number;
};

/** A path with the guest's name for it. */
export interface MappedPath {
  /** Where it is; not yet looked at. */
  readonly host: string;
  readonly guest: string;
}

/** Values of all other keys. Texts among grants are what a command line has in their place. */
export interface SettingValues {
  readonly function?: string;
  readonly preset?: PresetName;
  readonly engine?: Engine;
  readonly isolation?: Isolation;
  readonly onDenial?: OnDenial;
  readonly onMemoryLimit?: "fail" | "trap";
  readonly deterministic?: boolean;
  readonly maxSandboxes?: number;
  readonly allowRead?: readonly (string | MappedPath)[];
  readonly allowWrite?: readonly (string | MappedPath)[];
  readonly dir?: readonly (string | PlanDirectory)[];
  readonly allowNet?: readonly (string | PlanHost)[];
  readonly allowClock?: boolean | PlanClock;
  readonly allowLogging?: boolean | PlanLog;
  readonly sensor?: readonly (string | PlanSensor)[];
  readonly allowAlert?: AlertLevel | PlanAlert | false;
  readonly allowRandom?: boolean;
  readonly allowEnv?: readonly string[];
  readonly env?: readonly string[];
  readonly seed?: bigint;
  readonly checkpoint?: string;
  readonly checkpointEvery?: number;
  readonly metrics?: boolean;
  readonly format?: "human" | "json" | "json-compact";
}

/** What a table of a manifest says of how guests are run. A key that is not there is absent. */
export interface ManifestValues extends LimitValues, SettingValues {}
