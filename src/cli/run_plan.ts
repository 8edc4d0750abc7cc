/**
 * What the first process tells the host process: all that a person asked for, read once. It travels as one argument,
 * so it holds no secret; the host process trusts its values no further than {@linkcode decodePlan} checks them.
 */
import { AegisError } from "../core/errors.ts";
import { type AuditPlan, decodeAudit } from "./audit_plan.ts";
import type { CheckpointPlan } from "./checkpoints.ts";
import type { Reader } from "./failure.ts";
import { type Format, FORMATS } from "./flags/setting_flags.ts";
import { decodeGuest, guestJson, type GuestPlan } from "./guest_plan.ts";
import { list, malformed, planRecord, record, text, truth, whole } from "./plan_fields.ts";
import { decodePolicyRecord, type PolicyRecordPlan } from "./policy_record_plan.ts";
import { decodeWatch, type PlanWatch } from "./plan_watch.ts";

/** Grows with every change of {@linkcode RunPlan}: both processes must be of the same release. */
export const PLAN_VERSION = 10;

export interface RunPlan extends GuestPlan {
  readonly version: typeof PLAN_VERSION;
  /** Process id of the first process: when it is gone, the host process ends. `null` where there is no first one. */
  readonly parent: number | null;
  /** Words for the function, not yet values: their types stand in the module. */
  readonly args: readonly string[];
  /** Whether what is read is a checkpoint to go on from, not a module. */
  readonly resumes: boolean;
  /** Where the guest is saved; `null` for nowhere. */
  readonly checkpoint: CheckpointPlan | null;
  /** How the call is watched; `null` for not at all. */
  readonly watch: PlanWatch | null;
  /** Where it is recorded; `null` for nowhere. */
  readonly audit: AuditPlan | null;
  /** Where it is written what was used of the grants; `null` for nowhere. */
  readonly record: PolicyRecordPlan | null;
  readonly output: {
    readonly format: Format;
    readonly metrics: boolean;
    readonly quiet: boolean;
    /** 0 … 3 */
    readonly verbosity: number;
    /** Whether stderr takes colours. */
    readonly colour: boolean;
    /** Who reads it: a tool's command line takes no flags. */
    readonly reader: Reader;
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
  return shortEnough(JSON.stringify(guestJson(plan)));
}

/** A plan as text that a process can be given. @throws {AegisError} `InvalidOption` where it is too long */
export function shortEnough(text: string): string {
  const size = new TextEncoder().encode(text).length;
  if (size <= LONGEST_PLAN) return text;
  throw new AegisError(
    "InvalidOption",
    `Cannot pass the arguments: they take ${size} bytes of at most ${LONGEST_PLAN}`,
  );
}

function decodeCheckpoint(fields: Readonly<Record<string, unknown>>): CheckpointPlan {
  return {
    path: text(fields["path"], "checkpoint.path"),
    shown: text(fields["shown"], "checkpoint.shown"),
    every: whole(fields["every"], "checkpoint.every"),
  };
}

function decodeReader(reader: unknown): Reader {
  if (reader === "command" || reader === "tool") return reader;
  throw malformed("output.reader");
}

/**
 * Decodes a plan and checks every field.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function decodePlan(encoded: string): RunPlan {
  const plan = planRecord(encoded, PLAN_VERSION);
  const output = record(plan["output"], "output");
  const { format } = output;
  const known = FORMATS.find((candidate) => candidate === format);
  if (known === undefined) throw malformed("output.format");
  return Object.freeze({
    version: PLAN_VERSION,
    parent: plan["parent"] === null ? null : whole(plan["parent"], "parent"),
    ...decodeGuest(plan),
    args: list(plan["args"], "args").map((arg) => text(arg, "args")),
    resumes: truth(plan["resumes"], "resumes"),
    checkpoint: plan["checkpoint"] === null
      ? null
      : decodeCheckpoint(record(plan["checkpoint"], "checkpoint")),
    watch: decodeWatch(plan["watch"]),
    audit: decodeAudit(plan["audit"]),
    record: decodePolicyRecord(plan["record"]),
    output: {
      format: known,
      metrics: truth(output["metrics"], "output.metrics"),
      quiet: truth(output["quiet"], "output.quiet"),
      verbosity: whole(output["verbosity"], "output.verbosity"),
      colour: truth(output["colour"], "output.colour"),
      reader: decodeReader(output["reader"]),
    },
  });
}
