/** How an execution has ended, as it is remembered. */
import { resultsJson } from "./call_values.ts";
import type { ExecutionStatus } from "./store/execution_table.ts";
import { AegisError, type ErrorCode } from "../core/errors.ts";
import type { Metrics } from "../core/metrics.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import type { CallValue } from "../core/value.ts";

/** Why an execution is to end. */
export type StopReason = "stopped" | "deadline" | "shutdown";

/** How an execution has ended. */
export interface RunEnd {
  readonly status: Exclude<ExecutionStatus, "running">;
  readonly outcome: string;
  readonly error: string | undefined;
  /** JSON. */
  readonly results: string | undefined;
  /** Why there are results that are not kept. */
  readonly notice: string | undefined;
  /** What the sandbox used; undefined where none was made. */
  readonly metrics: Metrics | undefined;
  /** Whether nothing has happened but that a guest could not go on from its checkpoint now, and may be able to later. */
  readonly unrestored: boolean;
}

/** What is known when nothing runs any more. */
export interface RunFacts {
  /** What the call came to, or what was thrown before. */
  readonly ended: Outcome | { readonly error: unknown };
  readonly stopped: StopReason | undefined;
  readonly metrics: Metrics | undefined;
  /** Whether what was thrown kept a guest from going on from its checkpoint. @default false */
  readonly restoring?: boolean;
}

/** Characters of an error, and of results, that are kept. */
const LONGEST_ERROR = 4096, LONGEST_RESULTS = 256 * 1024;

/** What would keep a guest from going on from the same checkpoint each time; the rest is what a machine lacks for a while. */
const WORTHLESS: ReadonlySet<string> = new Set<ErrorCode>([
  "SnapshotInvalid",
  "InvalidOption",
  "LimitTooLow",
  "CapabilityDenied",
  "ModuleInvalid",
  "ModuleRefused",
  "MissingImport",
  "FunctionNotFound",
  "UnsupportedPlatform",
]);

const PAST_DEADLINE = "The execution was stopped at its deadline";

/** A guest that has done all it was to do has succeeded, also when it was told to stop in the same moment. */
export function readRunEnd({ ended, stopped, metrics, restoring = false }: RunFacts): RunEnd {
  const none = { error: undefined, results: undefined, notice: undefined, metrics, unrestored: false };
  if ("kind" in ended && ended.kind === "value") {
    return { ...none, status: "succeeded", outcome: "value", ...keptResults(ended.values) };
  }
  if ("kind" in ended && ended.kind === "exit" && ended.status === 0) {
    return { ...none, status: "succeeded", outcome: "exit:0" };
  }
  const { outcome, error } = failureOf(ended);
  switch (stopped) {
    case undefined:
      return restoring && !WORTHLESS.has(outcome)
        ? { ...none, status: "interrupted", outcome, error, unrestored: true }
        : { ...none, status: "failed", outcome, error };
    case "deadline":
      return { ...none, status: "failed", outcome: "deadline", error: PAST_DEADLINE };
    case "stopped":
      return { ...none, status: "stopped", outcome: "stopped", error };
    case "shutdown":
      return { ...none, status: "interrupted", outcome: "shutdown", error };
  }
}

function keptResults(values: readonly CallValue[]): Pick<RunEnd, "results" | "notice"> {
  try {
    const results = resultsJson(values);
    if (results.length <= LONGEST_RESULTS) return { results, notice: undefined };
    return { results: undefined, notice: `The results are not kept: they have ${results.length} characters` };
  } catch (error) {
    return { results: undefined, notice: `The results are not kept: ${messageOf(error)}` }; // nested too deep
  }
}

/** A name for how it ended, and what a person reads. */
function failureOf(
  ended: Exclude<Outcome, { kind: "value" }> | { readonly error: unknown },
): { readonly outcome: string; readonly error: string } {
  // What the host threw in the guest's call, a denial for instance, has a name of its own as well.
  if (!("kind" in ended) || ended.kind === "hostError") {
    const { error } = ended;
    return {
      outcome: error instanceof AegisError ? error.code : "kind" in ended ? ended.kind : "error",
      error: messageOf(error),
    };
  }
  const detail = detailOf(ended);
  return {
    outcome: detail === undefined ? ended.kind : `${ended.kind}:${detail}`,
    error: messageOf(outcomeError(ended)),
  };
}

function detailOf(outcome: Outcome): string | number | undefined {
  switch (outcome.kind) {
    case "limit":
      return outcome.limit;
    case "trap":
      return outcome.trap;
    case "exit":
      return outcome.status;
    default:
      return undefined;
  }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.length > LONGEST_ERROR ? `${text.slice(0, LONGEST_ERROR)}…` : text;
}
