/** The flags that say what a guest may use, once for all commands. */
import type { LimitOptions } from "../core/limits.ts";
import type { FlagName } from "./flags.ts";

/** Flags of limits, but for the preset that they start from. */
export const LIMIT_FLAGS = [
  "memoryLimit",
  "fuelLimit",
  "timeout",
  "stackLimit",
  "cpuTime",
  "fileSize",
  "writeBytes",
] as const satisfies readonly (FlagName & keyof LimitOptions)[];

/** Flags that grant something. */
export const GRANT_FLAGS = [
  "allowRead",
  "allowWrite",
  "dir",
  "allowNet",
  "allowClock",
  "allowLogging",
  "sensor",
  "allowAlert",
  "allowRandom",
  "allowEnv",
  "env",
  "seed",
] as const satisfies readonly FlagName[];

/** Flags of commands that have a guest: what it may use, and where it runs. */
export const GUEST_FLAGS = [
  ...LIMIT_FLAGS,
  "preset",
  "isolation",
  "engine",
  ...GRANT_FLAGS,
] as const satisfies readonly FlagName[];

/** Flags that say how one module answers requests. */
export const HTTP_FLAGS = [
  "form",
  "route",
  "reuse",
  "concurrency",
  "waiting",
  "requestSize",
  "responseSize",
  "heldSize",
  "passAuthorization",
] as const satisfies readonly FlagName[];
