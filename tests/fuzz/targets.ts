/** Everything that is fuzzed, by name. Files are loaded when they are needed: counters come before what they count. */
import type { Target } from "./target.ts";

interface TargetFile {
  readonly target: Target;
}

const TARGETS = {
  reader: () => import("./targets/reader.ts"),
  instrumenter: () => import("./targets/instrumenter.ts"),
  wasi: () => import("./targets/wasi.ts"),
  sandbox: () => import("./targets/sandbox.ts"),
  frames: () => import("./targets/frames.ts"),
  broker: () => import("./targets/broker.ts"),
  wire: () => import("./targets/wire.ts"),
  manifest: () => import("./targets/manifest.ts"),
  texts: () => import("./targets/texts.ts"),
  http: () => import("./targets/http.ts"),
  snapshot: () => import("./targets/snapshot.ts"),
  audit: () => import("./targets/audit.ts"),
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
