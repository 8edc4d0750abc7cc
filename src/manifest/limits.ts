/** The limits that values set: one way to read them, for the command and for the library. */
import { type LimitName, type LimitOptions, LIMITS, type Limits, resolveLimits } from "../core/limits.ts";
import type { ManifestValues } from "./values.ts";

const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[]; // its own keys

/** The limits that are given, and no other. */
export function givenLimits(values: ManifestValues): LimitOptions {
  const given = LIMIT_NAMES.map((name) => [name, values[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/**
 * The limits of a guest. Who bounds a run by time, and says nothing of fuel, means time: a tight loop burns the default
 * budget in a second.
 *
 * @throws {AegisError} `InvalidOption`, `LimitTooLow`
 */
export function limitsOf(values: ManifestValues): Limits {
  const timeIsTheBound = values.timeout !== undefined && values.preset === undefined;
  const fuelLimit = values.fuelLimit ?? (timeIsTheBound ? "unlimited" : undefined);
  const limits = { ...givenLimits(values), ...(fuelLimit === undefined ? {} : { fuelLimit }) };
  return resolveLimits(limits, values.preset ?? "standard");
}
