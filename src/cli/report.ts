/** What a run came to, and its two forms: lines for a person, one JSON document for a program. */
import { AegisError, type ErrorCode, ExitError } from "../core/errors.ts";
import { type Json, jsonNumber } from "../core/json.ts";
import { UNLIMITED_FUEL } from "../core/limits.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Outcome } from "../core/outcome.ts";
import { formatByteSize, formatDuration } from "../core/unit_text.ts";
import { type CallValue, formatFuncType, type FuncType } from "../core/value.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { failureJson, failureLines, type Reader, statusOf } from "./failure.ts";
import type { CommandIo } from "./io.ts";
import { quote } from "../core/quote.ts";
import { suggestedFlag } from "../policy/suggested_flag.ts";
import type { Alert } from "../sandbox/alert_messages.ts";
import type { Output } from "../sandbox/standard_output.ts";
import { groupDigits } from "../core/group_digits.ts";
import { jsonText, jsonTime } from "./json.ts";
import { misnamedArgument } from "./misnamed_argument.ts";
import { printable } from "./printable.ts";
import type { RunPlan } from "./run_plan.ts";
import { styleFor } from "./style.ts";
import { valueJson, valueText } from "./value_text.ts";

/** Kinds of the ends that an error tells; `error` stands for what kept the guest from starting. */
type FailureKind = Exclude<Outcome["kind"], "value" | "exit"> | "error";

/** How a run ended. */
export type RunEnd =
  | { readonly kind: "value"; readonly values: readonly CallValue[]; readonly types: readonly string[] }
  | { readonly kind: "exit"; readonly status: number }
  | { readonly kind: FailureKind; readonly error: unknown };

/** Codes of the errors that the guest itself comes to; all others are of kind `error`. */
const KINDS: Partial<Record<ErrorCode, FailureKind>> = {
  OutOfFuel: "limit",
  Timeout: "limit",
  CpuTimeExceeded: "limit",
  MemoryExceeded: "limit",
  StackOverflow: "limit",
  HostCallsExceeded: "limit",
  Trap: "trap",
  Cancelled: "aborted",
  Closed: "aborted",
  HostFunctionFailed: "hostError",
  CapabilityDenied: "hostError",
  GuestFault: "fault",
  AbiViolation: "abi",
};

/** The end that an error stands for, thrown by the start function or told by the outcome of the call. */
export function endOfError(error: unknown): RunEnd {
  if (error instanceof ExitError) return { kind: "exit", status: error.status };
  const kind = error instanceof AegisError ? KINDS[error.code] : undefined;
  return { kind: kind ?? "error", error };
}

/** The module and function that were run, as far as they became known. */
export interface RunSubject {
  readonly format?: "wasm" | "wat";
  /** Bytes of the module in binary form. */
  readonly size?: number;
  readonly functionName?: string;
  readonly type?: FuncType;
  /** Whether it is a program, whose result is what it prints and its status. */
  readonly program?: boolean;
}

export interface RunReport {
  readonly executionId: string;
  readonly subject: RunSubject;
  readonly end: RunEnd;
  /** Absent when no sandbox came to be. */
  readonly metrics: Metrics | undefined;
  /** The alerts that it sent, in a form for programs alone. */
  readonly alerts: readonly Alert[];
  /** What the guest was denied, each different denial once. */
  readonly denials: readonly AuditEvent[];
  /** What the guest printed, as far as it was not passed on. */
  readonly output: Output | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Exit status of the command. */
  readonly status: number;
}

/** Makes a report; its status follows from its end. */
export function makeReport(parts: Omit<RunReport, "status">): RunReport {
  const { end } = parts;
  const status = end.kind === "value"
    ? 0
    : end.kind === "exit"
    ? exitStatus(end.status)
    : statusOf(end.error);
  return { ...parts, status };
}

/** A status as the system takes it, eight bits of it; what is not zero stays so. */
function exitStatus(status: number): number {
  return status === 0 ? 0 : status & 0xff || 255;
}

/** The report of a run that failed before, or outside, the sandbox. */
export function failedReport(error: unknown): RunReport {
  return makeReport({
    executionId: crypto.randomUUID(),
    subject: {},
    end: endOfError(error),
    metrics: undefined,
    alerts: [],
    denials: [],
    output: undefined,
    diagnostics: [],
  });
}

function fuelLimit(plan: RunPlan): bigint | "unlimited" {
  return plan.limits.fuelLimit === UNLIMITED_FUEL ? "unlimited" : plan.limits.fuelLimit;
}

/** CPU time is told where it differs from the duration by more than this share of it. */
const SAME_TIME = 0.01;

function metricsLines(metrics: Metrics, plan: RunPlan): string {
  const parked = Math.abs(metrics.duration - metrics.cpuTime) > metrics.duration * SAME_TIME;
  return "Metrics:\n" +
    `  Duration: ${formatDuration(metrics.duration)}\n` +
    (parked ? `  CPU time: ${formatDuration(metrics.cpuTime)}\n` : "") +
    `  Fuel consumed: ${groupDigits(metrics.fuelConsumed)} of ${groupDigits(fuelLimit(plan))}\n` +
    `  Peak memory: ${formatByteSize(metrics.peakMemory)} of ${formatByteSize(plan.limits.memoryLimit)}\n` +
    `  Host calls: ${metrics.hostCalls}\n` +
    `  Denials: ${metrics.refusedGrowths + metrics.denials}\n`;
}

/** A growth that was refused fails no call by itself, and often explains what the guest did next. */
function refusalLine(metrics: Metrics | undefined, plan: RunPlan): string {
  const { quiet, colour } = plan.output;
  const times = metrics?.refusedGrowths ?? 0;
  if (times === 0 || quiet) return "";
  const label = styleFor(colour).warn("warning:");
  const count = times === 1 ? "once" : `${times} times`;
  return `${label} The guest was refused more memory or table space ${count}\n`;
}

/**
 * A denial in the words of whoever typed the command: a guest's libc makes a relative path one from the root, where
 * nobody would look for it. What is an argument, or lies below one, was meant as it was typed.
 */
function asTyped(event: AuditEvent, args: readonly string[]): Pick<AuditEvent, "action" | "target" | "flag"> {
  const { action, target, flag } = event, relative = target.replace(/^\/+/, "");
  const typed = args.some((word) => {
    const plain = word.replace(/(^|\/)(?:\.?\/)+/g, "$1").replace(/\/+$/, "");
    return plain !== "" && !word.startsWith("/") && (relative === plain || relative.startsWith(`${plain}/`));
  });
  if (event.capability !== "filesystem" || !typed) {
    return { action, target, ...flag === undefined ? {} : { flag } };
  }
  const path = action === "read" ? relative : relative.replace(/\/?[^/]*$/, "") || ".";
  if (flag === undefined) return { action, target: relative };
  const given = suggestedFlag(action === "read" ? "allow-read" : "allow-write", path);
  return { action, target: relative, ...given === undefined ? {} : { flag: given } };
}

/** What was denied, as a person calls it. */
function deniedThing(capability: string, target: string): string {
  if (capability === "sensor") return `sensor ${printable(target)}`;
  return capability === "alert" ? `an alert of level ${printable(target)}` : quote(target);
}

/** The way to what was denied, in words. */
function wayTo(
  { capability, target, flag, reason }: Pick<AuditEvent, "capability" | "target" | "flag" | "reason">,
  reader: Reader,
): string {
  if (reader === "tool") {
    return `the tool was made without ${flag === undefined ? "a grant of it" : printable(flag)}`;
  }
  if (flag !== undefined) return `${printable(flag)} allows it`;
  if (reason !== undefined && (capability === "sensor" || capability === "alert")) return printable(reason);
  const upwards = target.split("/").includes("..");
  return upwards ? "no flag allows a path that leads upwards, --dir gives another name" : "no flag allows it";
}

/**
 * The last thing that was denied, which is the likeliest to have stopped the guest; `-v` tells of all. A log that was
 * dropped stops no guest: it is told of where nothing else was denied and the run went well.
 */
function denialLines(report: RunReport, plan: RunPlan): string {
  const { quiet, colour, verbosity, reader } = plan.output, { denials } = report;
  const last = denials.findLast(({ capability }) => capability !== "logging") ??
    (report.status === 0 || verbosity > 0 ? denials.at(-1) : undefined);
  if (quiet || last === undefined) return "";
  const label = styleFor(colour).hint("hint:");
  const line = (event: AuditEvent) => {
    const { action, target, flag } = asTyped(event, plan.args);
    const { capability, reason } = event;
    return `${label} The guest was denied to ${action} ${deniedThing(capability, target)}: ${
      wayTo({
        capability,
        target,
        ...flag === undefined ? {} : { flag },
        ...reason === undefined ? {} : { reason },
      }, reader)
    }`;
  };
  if (verbosity > 0) return denials.map((event) => `${line(event)}\n`).join("");
  const count = report.metrics?.denials ?? denials.length;
  return count === 1
    ? `${line(last)}\n`
    : `${line(last)} (the last of ${count} denials; ${
      reader === "tool" ? "--aegis-verbose" : "-v"
    } tells more)\n`;
}

/** What may have gone wrong although nothing was denied. */
function misnamedLine(report: RunReport, plan: RunPlan): string {
  const { quiet, colour } = plan.output;
  if (quiet || report.end.kind !== "exit" || report.status === 0 || report.denials.length > 0) return "";
  const sentence = misnamedArgument(plan);
  return sentence === undefined ? "" : `${styleFor(colour).hint("hint:")} ${sentence}\n`;
}

function renderHuman(report: RunReport, plan: RunPlan, io: Pick<CommandIo, "out" | "err">): void {
  const { end, metrics } = report;
  const { quiet, colour, reader } = plan.output;
  const silent = quiet || report.subject.program === true;
  const time = metrics && !silent ? `Completed in ${formatDuration(metrics.duration)}\n` : "";
  const usage = metrics && plan.output.metrics ? metricsLines(metrics, plan) : "";
  if (end.kind !== "value" && end.kind !== "exit") {
    io.err(failureLines(end.error, styleFor(colour), reader) + usage + denialLines(report, plan));
    return;
  }
  if (end.kind === "value" && end.values.length > 0) {
    const values = end.values.map((value, index) => valueText(value, end.types[index] ?? "")).join(", ");
    io.out(`${quiet ? values : `Result: ${values}`}\n${time}${usage}`);
  } else {
    io.err(time + usage); // without results stdout belongs to what the guest prints
  }
  io.err(refusalLine(metrics, plan) + denialLines(report, plan) + misnamedLine(report, plan));
}

/** The end as JSON: its kind, the exit status, and the values or the error. */
function endJson(end: RunEnd, status: number, reader: Reader): Json {
  if (end.kind === "exit") return { kind: end.kind, status };
  if (end.kind !== "value") return { kind: end.kind, status, error: failureJson(end.error, reader) };
  const values = end.values.map((value, index) => {
    const type = end.types[index] ?? "";
    return { type, value: valueJson(value, type) };
  });
  return { kind: end.kind, status, values };
}

/** No result is null, one stands alone, several stand in a list. */
function resultJson(end: RunEnd): Json {
  if (end.kind !== "value") return null;
  const values = end.values.map((value, index) => valueJson(value, end.types[index] ?? ""));
  return values.length > 1 ? values : values[0] ?? null;
}

function metricsJson(metrics: Metrics, plan: RunPlan): Json {
  const limit = fuelLimit(plan);
  return {
    duration_ms: jsonTime(metrics.duration),
    cpu_time_ms: jsonTime(metrics.cpuTime),
    fuel_consumed: jsonNumber(metrics.fuelConsumed),
    fuel_limit: typeof limit === "string" ? limit : jsonNumber(limit),
    peak_memory: metrics.peakMemory,
    memory_limit: plan.limits.memoryLimit,
    host_calls: metrics.hostCalls,
    refused_growths: metrics.refusedGrowths,
    denials: metrics.refusedGrowths + metrics.denials,
  };
}

/** What the guest printed; absent when it printed nothing. */
function outputJson({ stdout, stderr, truncated }: Output): { [key: string]: Json } {
  if (stdout.length === 0 && stderr.length === 0) return {};
  const decoder = new TextDecoder();
  return {
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
    ...(truncated ? { output_truncated: true } : {}),
  };
}

function alertJson({ level, message, truncated }: Alert): Json {
  return { level, message, ...(truncated ? { truncated } : {}) };
}

function denialJson({ capability, action, target, reason, flag }: AuditEvent): Json {
  return {
    capability,
    action,
    target,
    ...(reason === undefined ? {} : { reason }),
    ...(flag === undefined ? {} : { flag }),
  };
}

/** The report as the JSON formats print it; sizes in bytes, times in milliseconds. */
function reportJson(report: RunReport, plan: RunPlan): Json {
  const { subject, end, metrics } = report;
  return {
    execution_id: report.executionId,
    module: {
      name: plan.module.shown,
      ...(subject.format === undefined ? {} : { format: subject.format }),
      ...(subject.size === undefined ? {} : { size: subject.size }),
      ...(subject.functionName === undefined ? {} : { function: subject.functionName }),
      ...(subject.type === undefined ? {} : { type: formatFuncType(subject.type) }),
    },
    outcome: endJson(end, report.status, plan.output.reader),
    result: resultJson(end),
    metrics: metrics === undefined ? null : metricsJson(metrics, plan),
    ...(report.output === undefined ? {} : outputJson(report.output)),
    ...(report.alerts.length === 0 ? {} : { alerts: report.alerts.map(alertJson) }),
    ...(report.denials.length === 0 ? {} : { denials: report.denials.map(denialJson) }),
    diagnostics: report.diagnostics.map(({ level, message, time }) => ({
      level,
      message,
      time_ms: jsonTime(time),
    })),
  };
}

/** Prints the report in the form that the plan asks for. */
export function renderReport(report: RunReport, plan: RunPlan, io: Pick<CommandIo, "out" | "err">): void {
  const { format } = plan.output;
  if (format === "human") {
    renderHuman(report, plan, io);
    return;
  }
  io.out(jsonText(reportJson(report, plan), format));
  const { end } = report;
  if (end.kind !== "value" && end.kind !== "exit") {
    io.err(failureLines(end.error, styleFor(plan.output.colour), plan.output.reader));
  }
}
