/**
 * What the first process tells the host process: all that a person asked for, read once. It travels as one argument,
 * so it holds no secret; the host process trusts its values no further than {@linkcode decodePlan} checks them.
 */
import { AegisError } from "../core/errors.ts";
import { type LimitOptions, type Limits, resolveLimits, UNLIMITED_FUEL } from "../core/limits.ts";
import { type Format, FORMATS } from "./flags.ts";

/** Grows with every change of {@linkcode RunPlan}: both processes must be of the same release. */
export const PLAN_VERSION = 1;

export interface RunPlan {
  readonly version: typeof PLAN_VERSION;
  /** Process id of the first process: when it is gone, the host process ends. */
  readonly parent: number;
  readonly module: {
    /** Absolute path; `null` for stdin. */
    readonly path: string | null;
    /** As the person wrote it. */
    readonly shown: string;
  };
  /** `null` for `_start`, else `main`. */
  readonly functionName: string | null;
  /** Words for the function, not yet values: their types stand in the module. */
  readonly args: readonly string[];
  readonly limits: Limits;
  readonly output: {
    readonly format: Format;
    readonly metrics: boolean;
    readonly quiet: boolean;
    /** 0 … 3 */
    readonly verbosity: number;
    /** Whether stderr takes colours. */
    readonly colour: boolean;
  };
}

/** Most bytes of an encoded plan: Linux takes no argument above 128 KiB. */
const LONGEST_PLAN = 120 * 1024;

/**
 * Encodes a plan as JSON.
 *
 * @throws {AegisError} `InvalidOption` when the guest's arguments make it too long
 */
export function encodePlan(plan: RunPlan): string {
  const { fuelLimit } = plan.limits;
  const limits = {
    ...plan.limits,
    fuelLimit: fuelLimit === UNLIMITED_FUEL ? "unlimited" : String(fuelLimit),
  };
  const text = JSON.stringify({ ...plan, limits });
  const size = new TextEncoder().encode(text).length;
  if (size > LONGEST_PLAN) {
    throw new AegisError(
      "InvalidOption",
      `Cannot pass the arguments: they take ${size} bytes of at most ${LONGEST_PLAN}`,
    );
  }
  return text;
}

function malformed(part: string): AegisError {
  return new AegisError("InvalidOption", `Cannot read the run plan: ${part} is missing or of another form`);
}

function record(value: unknown, part: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(part);
  return value as Record<string, unknown>; // any object admits reading keys as unknown
}

function text(value: unknown, part: string): string {
  if (typeof value !== "string") throw malformed(part);
  return value;
}

function textOrNull(value: unknown, part: string): string | null {
  return value === null ? null : text(value, part);
}

function whole(value: unknown, part: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw malformed(part);
  return value;
}

function truth(value: unknown, part: string): boolean {
  if (typeof value !== "boolean") throw malformed(part);
  return value;
}

/**
 * Decodes a plan and checks every field.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function decodePlan(encoded: string): RunPlan {
  let decoded: unknown;
  try {
    decoded = JSON.parse(encoded);
  } catch {
    throw malformed("JSON");
  }
  const plan = record(decoded, "the plan");
  if (plan["version"] !== PLAN_VERSION) throw malformed(`version ${PLAN_VERSION}`);
  const module = record(plan["module"], "module");
  const output = record(plan["output"], "output");
  const { format } = output;
  const known = FORMATS.find((candidate) => candidate === format);
  if (known === undefined) throw malformed("output.format");
  if (!Array.isArray(plan["args"])) throw malformed("args");
  return Object.freeze({
    version: PLAN_VERSION,
    parent: whole(plan["parent"], "parent"),
    module: {
      path: textOrNull(module["path"], "module.path"),
      shown: text(module["shown"], "module.shown"),
    },
    functionName: textOrNull(plan["functionName"], "functionName"),
    args: plan["args"].map((arg) => text(arg, "args")),
    limits: resolveLimits(record(plan["limits"], "limits") as LimitOptions), // which checks every key and value
    output: {
      format: known,
      metrics: truth(output["metrics"], "output.metrics"),
      quiet: truth(output["quiet"], "output.quiet"),
      verbosity: whole(output["verbosity"], "output.verbosity"),
      colour: truth(output["colour"], "output.colour"),
    },
  });
}
