/** What a sandbox has done and used at one moment: as data, as text for a person, as a document for a program. */
import type { Alert } from "./alert_messages.ts";
import type { HostFunctionUsage } from "./host_functions.ts";
import { reportText } from "./report_text.ts";
import type { AuditEvent } from "../core/audit.ts";
import { cutText } from "../core/cut.ts";
import type { Engine } from "../core/engine.ts";
import { AegisError, type ErrorCode } from "../core/errors.ts";
import { type LimitName, type Limits, UNLIMITED_FUEL } from "../core/limits.ts";
import type { Metrics } from "../core/metrics.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";

/** How much of a limit was used. */
export interface LimitShare {
  /** Its name. */
  readonly limit: LimitName;
  /** In the limit's own unit: bytes, milliseconds, fuel units, calls. Of `timeout` and `cpuTime` what the last call took. */
  readonly used: number | bigint;
  /** What is allowed; Infinity for what is unlimited. Fuel that was added is in it. */
  readonly allowed: number | bigint;
  /** From 0 to 1; a guest that was stopped may have used a little more than it had. */
  readonly share: number;
}

/** The module that calls go to. */
export interface ReportedModule {
  /** SHA-256 of its bytes in hexadecimal. */
  readonly hash: string;
  /** The name under which it was read. */
  readonly name?: string;
  /** Bytes. */
  readonly size: number;
  /** What runs it. */
  readonly engine: Engine;
}

/** The call that was begun last. */
export interface ReportedCall {
  /** Its number, as in events. */
  readonly execution: number;
  /** Name of the exported function. */
  readonly function: string;
  /** How it ended; absent while it is running, and for one that was refused. */
  readonly outcome?: Outcome["kind"];
  /** Why it has no value. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** Bytes of the program's output that were kept. */
export interface ReportedOutput {
  /** Bytes of standard output. */
  readonly stdout: number;
  /** Bytes of standard error. */
  readonly stderr: number;
  /** Whether it printed more than was kept. */
  readonly truncated: boolean;
}

/** What a report says. */
export interface ReportData {
  /** Milliseconds since 1970 when it was made. */
  readonly time: number;
  /** Id of the sandbox. */
  readonly sandbox: string;
  /** Absent when nothing is loaded. */
  readonly module?: ReportedModule;
  /** Absent before the first call. */
  readonly lastCall?: ReportedCall;
  /** What it may use. */
  readonly limits: Limits;
  /** What it has used. */
  readonly metrics: Metrics;
  /** How much of its limits that is. */
  readonly shares: readonly LimitShare[];
  /** How often each host function was called, and for how long. */
  readonly hostFunctions: readonly HostFunctionUsage[];
  /** The alerts that were sent and that nobody took, at most a thousand. */
  readonly alerts: readonly Alert[];
  /** Each different denial once, the last hundred. */
  readonly denials: readonly AuditEvent[];
  /** What its program printed. */
  readonly output: ReportedOutput;
}

/** A value as JSON has it: bigints as decimal text, Infinity as `"unlimited"`. */
export type JsonOf<Value> = Value extends bigint ? string
  : Value extends number ? number | "unlimited"
  : Value extends string | boolean | undefined ? Value
  : Value extends readonly (infer Item)[] ? readonly JsonOf<Item>[]
  : { readonly [Key in keyof Value]: JsonOf<Value[Key]> };

/** The document that {@linkcode ExecutionReport.toJSON} gives. `version` changes when a field changes its meaning. */
export type ReportDocument = { readonly version: 1 } & JsonOf<ReportData>;

/** What the share of limits is made out from. */
export interface MeteredUse {
  /** What it may use. */
  readonly limits: Limits;
  /** What it has used. */
  readonly metrics: Metrics;
  /** Fuel units, with what was added. */
  readonly fuelBudget: bigint;
  /** What its program printed. */
  readonly output: ReportedOutput;
}

/**
 * What a sandbox has done and used at one moment. `JSON.stringify` takes it as it is.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create();
 * await using sandbox = await runtime.sandbox().build();
 * await sandbox.loadModule(await runtime.loadWat('(module (func (export "f")))'));
 * await sandbox.call("f");
 * const report = sandbox.report();
 * console.log(report.lastCall?.function, report.toJSON().metrics.fuelConsumed); // f 3
 * console.error(report.toText());
 * ```
 */
export class ExecutionReport implements ReportData {
  /** Milliseconds since 1970 when it was made. */
  readonly time: number;
  /** Id of the sandbox. */
  readonly sandbox: string;
  /** The module that calls go to; absent when nothing is loaded. */
  readonly module?: ReportedModule;
  /** The call that was begun last; absent before the first. */
  readonly lastCall?: ReportedCall;
  /** What it may use. */
  readonly limits: Limits;
  /** What it has used. */
  readonly metrics: Metrics;
  /** How much of its limits that is. */
  readonly shares: readonly LimitShare[];
  /** How often each host function was called, and for how long. */
  readonly hostFunctions: readonly HostFunctionUsage[];
  /** The alerts that were sent and that nobody took, at most a thousand. */
  readonly alerts: readonly Alert[];
  /** Each different denial once, the last hundred. */
  readonly denials: readonly AuditEvent[];
  /** What its program printed. */
  readonly output: ReportedOutput;

  /** Made by a sandbox; see `Sandbox.report`. */
  constructor(data: ReportData) {
    this.time = data.time;
    this.sandbox = data.sandbox;
    if (data.module !== undefined) this.module = data.module;
    if (data.lastCall !== undefined) this.lastCall = data.lastCall;
    this.limits = data.limits;
    this.metrics = data.metrics;
    this.shares = data.shares;
    this.hostFunctions = data.hostFunctions;
    this.alerts = data.alerts;
    this.denials = data.denials;
    this.output = data.output;
  }

  /** Lines for a person. Names, targets and messages that a guest may have chosen are quoted and escaped. */
  toText(): string {
    return reportText(this);
  }

  /** A document for a program: fuel as decimal text, since it may be more than a double holds. */
  toJSON(): ReportDocument {
    return { version: 1, ...jsonOf<ReportData>({ ...this }) };
  }
}

/** Longest message of an error in a report, in UTF-16 units. */
const LONGEST_MESSAGE = 1024;

/** The last call as a report has it. @param outcome undefined while there is none */
export function reportedCall(
  call: { readonly execution: number; readonly function: string },
  outcome: Outcome | undefined,
): ReportedCall {
  if (outcome === undefined) return call;
  const ended = { ...call, outcome: outcome.kind };
  if (outcome.kind === "value" || outcome.kind === "exit" && outcome.status === 0) return ended;
  const error = outcomeError(outcome), code = error instanceof AegisError ? error.code : "HostFunctionFailed";
  const message = error instanceof Error ? error.message : "it threw what is no error";
  return { ...ended, error: { code, message: cutText(String(message), LONGEST_MESSAGE) } };
}

/** How much was used of each limit that a sandbox uses up. */
export function limitShares({ limits, metrics, fuelBudget, output }: MeteredUse): LimitShare[] {
  const { lastCall } = metrics;
  const used = {
    memoryLimit: metrics.peakMemory,
    fuelLimit: metrics.fuelConsumed,
    timeout: lastCall?.duration ?? 0,
    cpuTime: lastCall?.cpuTime ?? 0,
    hostCallLimit: metrics.hostCalls,
    outputSize: Math.max(output.stdout, output.stderr),
  } satisfies Partial<Record<LimitName, number | bigint>>;
  return (Object.keys(used) as (keyof typeof used)[]).map((limit) => { // its own keys
    const allowed = limit === "fuelLimit" ? fuelBudget : limits[limit];
    const share = Number(allowed) === 0 ? 0 : Number(used[limit]) / Number(allowed);
    return allowed === UNLIMITED_FUEL
      ? { limit, used: used[limit], allowed: Infinity, share: 0 }
      : { limit, used: used[limit], allowed, share };
  });
}

/** The same without what JSON has not. */
function jsonOf<Value extends object>(value: Value): JsonOf<Value> {
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (part === UNLIMITED_FUEL || part === Infinity) return "unlimited";
    return typeof part === "bigint" ? String(part) : part;
  });
  return JSON.parse(text) as JsonOf<Value>; // what was written in the line before
}
