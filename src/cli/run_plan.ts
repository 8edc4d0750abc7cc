/**
 * What the first process tells the host process: all that a person asked for, read once. It travels as one argument,
 * so it holds no secret; the host process trusts its values no further than {@linkcode decodePlan} checks them.
 */
import { type Engine, ENGINES } from "../core/engine.ts";
import { AegisError } from "../core/errors.ts";
import { type LimitOptions, type Limits, resolveLimits, UNLIMITED_FUEL } from "../core/limits.ts";
import { ON_DENIAL, type OnDenial } from "../core/on_denial.ts";
import type { CheckpointPlan } from "./checkpoints.ts";
import { type Format, FORMATS } from "./flags.ts";
import { list, malformed, record, text, textOrNull, truth, whole } from "./plan_fields.ts";
import { decodeGrants, type PlanGrants } from "./plan_grants.ts";
import { decodeWatch, type PlanWatch } from "./plan_watch.ts";

/** Grows with every change of {@linkcode RunPlan}: both processes must be of the same release. */
export const PLAN_VERSION = 6;

const ISOLATIONS = ["worker", "process"] as const;

/** What a guest runs in, decided. */
export type PlanIsolation = typeof ISOLATIONS[number];

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
  /** What the guest runs in. */
  readonly isolation: PlanIsolation;
  /** What runs the module. */
  readonly engine: Engine;
  /** Whether what is read is a checkpoint to go on from, not a module. */
  readonly resumes: boolean;
  /** Where the guest is saved; `null` for nowhere. */
  readonly checkpoint: CheckpointPlan | null;
  /** How the call is watched; `null` for not at all. */
  readonly watch: PlanWatch | null;
  readonly grants: PlanGrants;
  /** What an operation does that is refused for want of a grant. */
  readonly onDenial: OnDenial;
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

/** Limits as JSON can say them, and `resolveLimits` reads them. */
export function limitsJson(limits: Limits): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]: [string, number | bigint]) => {
      if (limit === UNLIMITED_FUEL || limit === Infinity) return [name, "unlimited"];
      return [name, typeof limit === "bigint" ? String(limit) : limit];
    }),
  );
}

/** Most bytes of an encoded plan: Linux takes no argument above 128 KiB. */
const LONGEST_PLAN = 120 * 1024;

/**
 * Encodes a plan as JSON.
 *
 * @throws {AegisError} `InvalidOption` when the guest's arguments make it too long
 */
export function encodePlan(plan: RunPlan): string {
  const text = JSON.stringify({ ...plan, limits: limitsJson(plan.limits) });
  const size = new TextEncoder().encode(text).length;
  if (size > LONGEST_PLAN) {
    throw new AegisError(
      "InvalidOption",
      `Cannot pass the arguments: they take ${size} bytes of at most ${LONGEST_PLAN}`,
    );
  }
  return text;
}

function decodeCheckpoint(fields: Readonly<Record<string, unknown>>): CheckpointPlan {
  return {
    path: text(fields["path"], "checkpoint.path"),
    shown: text(fields["shown"], "checkpoint.shown"),
    every: whole(fields["every"], "checkpoint.every"),
  };
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
  const isolation = ISOLATIONS.find((candidate) => candidate === plan["isolation"]);
  if (isolation === undefined) throw malformed("isolation");
  const engine = ENGINES.find((candidate) => candidate === plan["engine"]);
  if (engine === undefined) throw malformed("engine");
  const onDenial = ON_DENIAL.find((candidate) => candidate === plan["onDenial"]);
  if (onDenial === undefined) throw malformed("onDenial");
  return Object.freeze({
    version: PLAN_VERSION,
    parent: whole(plan["parent"], "parent"),
    module: {
      path: textOrNull(module["path"], "module.path"),
      shown: text(module["shown"], "module.shown"),
    },
    functionName: textOrNull(plan["functionName"], "functionName"),
    args: list(plan["args"], "args").map((arg) => text(arg, "args")),
    limits: resolveLimits(record(plan["limits"], "limits") as LimitOptions), // which checks every key and value
    isolation,
    engine,
    resumes: truth(plan["resumes"], "resumes"),
    checkpoint: plan["checkpoint"] === null
      ? null
      : decodeCheckpoint(record(plan["checkpoint"], "checkpoint")),
    watch: decodeWatch(plan["watch"]),
    grants: decodeGrants(plan["grants"]),
    onDenial,
    output: {
      format: known,
      metrics: truth(output["metrics"], "output.metrics"),
      quiet: truth(output["quiet"], "output.quiet"),
      verbosity: whole(output["verbosity"], "output.verbosity"),
      colour: truth(output["colour"], "output.colour"),
    },
  });
}
