/** A task as `POST /tasks` takes it. The server's schema stands above this folder in the layers; a test proves them equal. */
import type { AlertLevel } from "../../core/alert_level.ts";
import type { Engine } from "../../core/engine.ts";
import type { Json } from "../../core/json.ts";
import type { LimitName, PresetName } from "../../core/limits.ts";
import type { LogLevel } from "../../core/log_level.ts";

/** Who comes first. */
export const PRIORITIES = ["high", "normal", "low"] as const;

/** Parts of the server's grants that a task gets, and what a person reads of them. */
export const POLICY_PRESETS = {
  permissive: "All that the server grants",
  sandbox: "Log, sensors and alerts alone",
  strict: "What is chosen here alone, and the first denial ends the run",
} as const;

/** A key of {@linkcode POLICY_PRESETS}. */
export type PolicyPreset = keyof typeof POLICY_PRESETS;

/** What is listed for a task: each takes the place of all that the server grants of its kind. */
export interface TaskGrants {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly net?: readonly string[];
  readonly logging?: LogLevel;
  readonly alerts?: AlertLevel;
  /** By number: `"runtime"` for what the server has. */
  readonly sensors?: Readonly<Record<string, "runtime" | number | readonly number[]>>;
  readonly clock?: boolean;
  readonly random?: boolean;
  readonly env?: readonly string[];
}

/** What is called, with what. */
export interface CallSettings {
  readonly function?: string;
  /** i64 as decimal text, what JSON has no digits for as `"nan"`, `"inf"`, `"-inf"`, `"-0"`. */
  readonly args?: readonly Json[];
  readonly argv?: readonly string[];
  readonly stdin?: string;
}

export interface LimitSettings {
  readonly preset?: PresetName;
  /** Amounts as people write them: `"64MiB"`, `"500ms"`. */
  readonly limits?: { readonly [Name in LimitName]?: string | number };
}

export interface GrantSettings {
  readonly policy?: PolicyPreset;
  readonly grants?: TaskGrants;
}

export interface AdvancedSettings {
  readonly group?: string;
  readonly engine?: Engine;
  readonly priority?: typeof PRIORITIES[number];
  readonly retries?: { readonly count: number };
  readonly deadline?: string;
}

/** The body of the request. */
export interface NewTask extends CallSettings, LimitSettings, GrantSettings, AdvancedSettings {
  readonly name: string;
  /** Hash. */
  readonly module: string;
  /** Whether it starts at once. */
  readonly start?: boolean;
}
