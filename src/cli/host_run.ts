/**
 * `aegis run`, second process: reads the module, gives up every permission, and only then lets the library prepare
 * and run it. Called by `host_main.ts` with the streams of the process.
 */
import { AegisError, FunctionNotFoundError, MissingImportError } from "../core/errors.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { explain } from "../policy/explain.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { type Kind, KINDS } from "../core/signature.ts";
import { formatFuncType, type FuncType } from "../core/value.ts";
import { Aegis } from "../sandbox/aegis.ts";
import type { Alert } from "../sandbox/alert_messages.ts";
import type { AuditLog } from "../sandbox/audit_log.ts";
import type { SandboxOptions } from "../sandbox/aegis_options.ts";
import type { CallOptions } from "../sandbox/call_options.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { AegisModule } from "../sandbox/module.ts";
import { isWasiModule } from "../wasi/functions.ts";
import { CheckpointWriter, withCheckpoints } from "./checkpoints.ts";
import { Diagnostics } from "./diagnostics.ts";
import { endWithParent } from "./end_with_parent.ts";
import { runtimeOptions } from "./guest_plan.ts";
import { readGuestArguments } from "./guest_arguments.ts";
import type { GuestStreams } from "./guest_streams.ts";
import { auditFailure, openAudit, warner } from "./host_audit.ts";
import { hostPermissions } from "./host_command.ts";
import { permissionLines, revokePermissions } from "./host_permissions.ts";
import type { CommandIo } from "./io.ts";
import { MissingImportsError } from "./missing_imports.ts";
import { toBinary } from "./module_input.ts";
import { PolicyRecord } from "./policy_record.ts";
import { printable } from "./printable.ts";
import { readGuestModule } from "./guest_module.ts";
import { endOfError, makeReport, renderReport, type RunEnd, type RunSubject } from "./report.ts";
import type { RunPlan } from "./run_plan.ts";
import { sensorFiles } from "../manifest/sensors.ts";
import { styleFor } from "./style.ts";
import { callWatched, openWatchFile, watchOption } from "./watched_call.ts";

/** Functions that are called when none is named, first one first. */
const DEFAULT_FUNCTIONS = ["_start", "main"] as const;

function exportedFunctions(names: readonly string[]): string {
  if (names.length === 0) return "It exports no function at all.";
  return `Name one with --function: ${names.slice(0, 10).map(quote).join(", ")}${
    names.length > 10 ? ", …" : ""
  }.`;
}

/** The name of the function to call, and its type; in terms of text and the like where the module says so. */
function chooseFunction(
  wanted: string | null,
  module: Pick<AegisModule, "exports" | "functionNames" | "functionType" | "signature">,
): { name: string; type: FuncType } {
  const names = module.functionNames();
  const name = wanted ?? DEFAULT_FUNCTIONS.find((candidate) => names.includes(candidate));
  if (name === undefined) {
    throw new AegisError(
      "FunctionNotFound",
      `Cannot choose a function: the module exports neither ${DEFAULT_FUNCTIONS.map(quote).join(" nor ")}`,
      {
        suggestion: exportedFunctions(names),
      },
    );
  }
  const type = module.signature(name) ?? module.functionType(name);
  if (type !== undefined) return { name, type };
  const other = module.exports.find((item) => item.name === name);
  if (other === undefined) throw new FunctionNotFoundError(name, suggest(name, names), names);
  throw new AegisError(
    "FunctionNotFound",
    `Cannot call a function: ${quote(name)} is a ${other.type.kind}, not a function`,
    { suggestion: exportedFunctions(names) },
  );
}

/** What a run may touch of its process. */
export type HostIo = Pick<CommandIo, "out" | "err"> & GuestStreams & {
  /** The module, where this program carries it inside; else it is read from the path of the plan. */
  readonly module?: Uint8Array<ArrayBuffer>;
};

/** Alerts that a report has, the last ones. */
const MOST_ALERTS = 1000;

function keepAlert(alerts: Alert[], alert: Alert): void {
  alerts.push(alert);
  if (alerts.length > MOST_ALERTS) alerts.shift();
}

/** What the program finds: its words, and the streams of this process; JSON keeps stdout to itself. */
function programOptions(plan: RunPlan, { alerts }: Pick<RunTrace, "alerts">, io: HostIo): SandboxOptions {
  const { module, output } = plan, { colour } = output;
  return {
    args: [module.shown.replace(/^.*\//, ""), ...plan.args],
    ...(module.path === null && io.module === undefined ? {} : { stdin: io.stdin }),
    ...(output.format === "human" ? { stdout: io.stdout, stderr: io.stderr, terminals: io.terminals } : {}),
    onLog: ({ level, message }) =>
      io.err(`${styleFor(colour).faint(`log ${level}:`)} ${printable(message)}\n`),
    onAlert: (alert) => {
      io.err(`${styleFor(colour).warn(`alert ${alert.level}:`)} ${printable(alert.message)}\n`);
      if (output.format !== "human") keepAlert(alerts, alert);
    },
  };
}

async function execute(plan: RunPlan, trace: RunTrace, io: HostIo): Promise<RunEnd> {
  const { shown } = plan.module;
  const { diagnostics } = trace;
  const most = plan.resumes ? 2 * plan.limits.memoryLimit + MOST_BESIDE_MEMORY : plan.limits.moduleSize;
  const given = await readGuestModule(plan, { most, given: io.module });
  diagnostics.tell(
    "info",
    `${plan.resumes ? "checkpoint" : "module"} ${quote(shown)}: read ${formatByteSize(given.length)}`,
  );
  const audit = trace.audit = await openAudit(plan.audit, warner(plan.output, io));
  const { record } = plan;
  const recorded = record === null ? undefined : await PolicyRecord.open({ ...plan, record });
  trace.recorded = recorded;
  const runtime = await Aegis.create({
    ...runtimeOptions(plan, (name) => Deno.env.get(name)),
    ...(audit === undefined ? {} : { audit }),
    ...(recorded === undefined ? {} : { onAudit: (event) => recorded.add(event) }),
  });
  const writer = plan.checkpoint === null ? undefined : new CheckpointWriter(plan.checkpoint);
  using watchFile = openWatchFile(plan.watch);
  const permissions = hostPermissions(plan, Deno.execPath());
  // The brokers keep what they were started with. A record looks whether what was used is there.
  const looked = record === null ? [] : plan.grants.directories.map(({ host }) => host);
  revokePermissions(plan.isolation, {
    granted: permissions,
    kept: { read: [...sensorFiles(plan.grants.sensors), ...looked] },
    whole: plan.parent === null ? "given up" : "refused", // a compiled tool has said so when it was made
  });
  for (const line of permissionLines(permissions)) diagnostics.tell("debug", line);
  for (const line of explain(runtime.policy)) diagnostics.tell("debug", line);

  const saved = <Result>(sandbox: Sandbox, work: () => Promise<Result>): Promise<Result> =>
    writer === undefined || plan.checkpoint === null ? work() : withCheckpoints(sandbox, {
      writer,
      every: plan.checkpoint.every,
      diagnostics,
      warn: warner(plan.output, io),
    }, work);
  if (plan.resumes) return await goOn(runtime, { plan, trace, io, given, saved });

  const { form, bytes } = await toBinary(given, shown);
  trace.subject = { format: form, size: bytes.length };
  // The module is prepared in one thread while that of the sandbox starts: what takes longer begins first.
  const loading = runtime.loadBytes(bytes, { name: shown, ...watchOption(plan.watch) });
  const starting = runtime.sandbox(programOptions(plan, trace, io)).build();
  starting.catch(() => {}); // awaited below, unless the module is refused first
  const module = await loading;
  diagnostics.tell("debug", `module ${quote(shown)}: prepared`);
  const { name, type } = chooseFunction(plan.functionName, module);
  trace.subject = { ...trace.subject, functionName: name, type };
  const program = isProgram(name, module);
  const values = program ? [] : readGuestArguments(plan.args, name, type);
  trace.subject = { ...trace.subject, program };

  const sandbox = await starting;
  trace.sandbox = sandbox;
  try {
    await sandbox.loadModule(module);
  } catch (error) {
    throw error instanceof MissingImportError ? new MissingImportsError(error, module.imports) : error;
  }
  diagnostics.tell("info", `calling ${quote(name)} of type ${formatFuncType(type)}`);
  const call = { sandbox, name, values, options: meantAs(type) };
  const outcome: Outcome = await saved(
    sandbox,
    () => callWatched(plan, call, { err: io.err, file: watchFile }),
  );
  diagnostics.tell("info", `call ended: ${outcome.kind}`);
  return outcome.kind === "value"
    ? { kind: "value", values: outcome.values, types: type.results }
    : endOfError(outcomeError(outcome));
}

function endAudit(audit: AuditLog | undefined, end: RunEnd): RunEnd {
  audit?.close();
  const failure = auditFailure(audit);
  return failure === undefined || end.kind !== "value" ? end : endOfError(failure);
}

/** A policy that nobody finds is no success either. */
function writeRecord({ recorded, sandbox }: RunTrace, end: RunEnd): RunEnd {
  if (recorded === undefined) return end;
  try {
    using record = recorded;
    record.write(sandbox?.metrics());
    return end;
  } catch (error) {
    if (end.kind !== "value") return end;
    const reason = error instanceof Error ? error.message : String(error);
    return endOfError(
      new AegisError("Full", `Cannot write the policy: ${reason}`, { field: "recordPolicy", cause: error }),
    );
  }
}

/** Bytes of a checkpoint beside the memories of the guest. */
const MOST_BESIDE_MEMORY = 512 * 1024 * 1024;

/** Goes on from a checkpoint. */
async function goOn(
  runtime: Aegis,
  { plan, trace, io, given, saved }: {
    readonly plan: RunPlan;
    readonly trace: RunTrace;
    readonly io: HostIo;
    readonly given: Uint8Array;
    readonly saved: <Result>(sandbox: Sandbox, work: () => Promise<Result>) => Promise<Result>;
  },
): Promise<RunEnd> {
  const { args: _, ...options } = programOptions(plan, trace, io), { diagnostics } = trace;
  const sandbox = await runtime.restore(given, options), call = sandbox.interruptedCall;
  trace.sandbox = sandbox;
  for (const { path, errno } of sandbox.lostFiles) {
    warner(plan.output, io)(`${quote(path)} was open and cannot be opened again: error ${errno} of WASI`);
  }
  if (call === undefined) {
    throw new AegisError("SnapshotInvalid", "Cannot go on: the checkpoint was taken between two calls");
  }
  const module = [...runtime.modules].at(-1), type = module?.functionType(call.name);
  const program = module !== undefined && isProgram(call.name, module);
  trace.subject = {
    size: module?.size ?? 0,
    functionName: call.name,
    program,
    ...(type === undefined ? {} : { type }),
  };
  diagnostics.tell("info", `going on with ${quote(call.name)}`);
  const outcome = await saved(sandbox, () => sandbox.tryContinueCall());
  diagnostics.tell("info", `call ended: ${outcome.kind}`);
  return outcome.kind === "value"
    ? { kind: "value", values: outcome.values, types: type?.results ?? [] }
    : endOfError(outcomeError(outcome));
}

/** What was read of the words holds for the call; references are in no signature. */
function meantAs({ params, results }: FuncType): CallOptions {
  const known = (kinds: readonly string[]): kinds is readonly Kind[] =>
    kinds.every((kind) => (KINDS as readonly string[]).includes(kind));
  return known(params) && known(results) ? { type: { params, results } } : {};
}

/** What becomes known on the way, so that a failure at any point is reported with it. */
interface RunTrace {
  readonly diagnostics: Diagnostics;
  /** The last alerts, for a report that is read by a program. */
  readonly alerts: Alert[];
  subject: RunSubject;
  sandbox: Sandbox | undefined;
  audit: AuditLog | undefined;
  recorded: PolicyRecord | undefined;
}

/** Whether a function is where a WASI program starts: its arguments are words, and its result is what it prints. */
function isProgram(name: string, module: AegisModule): boolean {
  return name === "_start" && module.imports.some((item) => isWasiModule(item.module));
}

/**
 * Runs a plan and prints its report.
 *
 * @returns the exit status
 */
export async function runHost(plan: RunPlan, io: HostIo): Promise<number> {
  const { verbosity, colour } = plan.output;
  const trace: RunTrace = {
    diagnostics: new Diagnostics(verbosity, { print: io.err, colour, now: () => performance.now() }),
    alerts: [],
    subject: {},
    sandbox: undefined,
    audit: undefined,
    recorded: undefined,
  };
  if (plan.parent !== null) endWithParent(plan.parent);
  let end: RunEnd;
  try {
    end = await execute(plan, trace, io);
  } catch (error) {
    end = endOfError(error);
  }
  await trace.sandbox?.close(); // what it was denied is known when the brokers have let it go
  end = writeRecord(trace, endAudit(trace.audit, end));
  const report = makeReport({
    executionId: crypto.randomUUID(),
    subject: trace.subject,
    end,
    metrics: trace.sandbox?.metrics(),
    alerts: trace.alerts,
    denials: trace.sandbox?.denials() ?? [],
    output: trace.sandbox?.output(),
    diagnostics: trace.diagnostics.collected,
  });
  renderReport(report, plan, io);
  return report.status;
}
