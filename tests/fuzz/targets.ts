/** Everything that is fuzzed, by name. Files are loaded when they are needed: counters come before what they count. */
import type { Target } from "./target.ts";

interface TargetFile {
  readonly target: Target;
}

export const TARGETS = {
  reader: () => import("./targets/reader.ts"),
} as const satisfies Readonly<Record<string, () => Promise<TargetFile>>>;

export type TargetName = keyof typeof TARGETS;

export const TARGET_NAMES: readonly TargetName[] = Object.keys(TARGETS) as TargetName[]; // its own keys

/** @throws {RangeError} for a name that there is not */
export async function loadTarget(name: string): Promise<Target> {
  const known = TARGET_NAMES.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new RangeError(`There is no target "${name}", but ${TARGET_NAMES.join(", ")}`);
  }
  return (await TARGETS[known]()).target;
}
