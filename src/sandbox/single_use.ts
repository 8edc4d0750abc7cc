/**
 * One module, one call, and nothing left of it: the life behind `run` and `execute`. However it ends, the runtime that
 * was made for it is closed when it has ended.
 */
import { Aegis } from "./aegis.ts";
import {
  type AegisOptions,
  PROGRAM_OPTION_NAMES,
  RUNTIME_OPTIONS,
  type SandboxOptions,
} from "./aegis_options.ts";
import type { Alert } from "./alert_messages.ts";
import type { LogMessage } from "./log_messages.ts";
import type { AegisModule } from "./module.ts";
import type { Sandbox } from "./sandbox.ts";
import type { ProgramOptions } from "./sandbox_io.ts";
import type { AuditEvent } from "../core/audit.ts";
import { AegisError } from "../core/errors.ts";
import type { Metrics } from "../core/metrics.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import type { Outcome } from "../core/outcome.ts";
import { quote } from "../core/quote.ts";
import type { CallValue } from "../core/value.ts";

/** Where a module comes from: a path, a `file:` URL (text if its name ends in `.wat`), or the bytes of a binary module. */
export type ModuleSource = string | URL | Uint8Array;

/**
 * Options of a single run: those of a runtime, what its program finds, and what may end it. The timeout is that of the
 * call; a start function has as much again.
 */
export interface RunOptions extends AegisOptions, Omit<ProgramOptions, "args"> {
  /** Texts that the guest never sees. @default none */
  readonly secrets?: SandboxOptions["secrets"];
  /** Called with the sandbox before the module is loaded: the place to register host functions. */
  readonly setup?: (sandbox: Sandbox) => void | Promise<void>;
  /** Ends the run wherever it is. */
  readonly signal?: AbortSignal;
}

const { args: _, ...STREAMS } = PROGRAM_OPTION_NAMES;

const RUN_OPTIONS: OptionNames<RunOptions> = {
  place: "of a run",
  names: { ...STREAMS, secrets: true, setup: true, signal: true, ...RUNTIME_OPTIONS.names },
};

/** How a run ended, and what it left behind. */
export interface RunReport {
  /** How the call ended. */
  readonly outcome: Outcome;
  /** What the run used. */
  readonly metrics: Metrics;
  /** Standard output as UTF-8, what is none of it replaced; empty where a sink has taken it. */
  readonly stdout: string;
  /** Standard error, likewise. */
  readonly stderr: string;
  /** Whether it printed more than was kept; `outputSize` bounds that. */
  readonly truncated: boolean;
  /** What it logged, where no `onLog` has taken it. */
  readonly logs: readonly LogMessage[];
  /** The alerts that it sent, where no `onAlert` has taken them. */
  readonly alerts: readonly Alert[];
  /** What it was denied. */
  readonly denials: readonly AuditEvent[];
}

/** The one call of a run. */
export interface SingleCall {
  readonly source: ModuleSource;
  readonly name: string;
  readonly args: readonly CallValue[];
  /** Arguments of the program behind its name; undefined for a function that is no program. */
  readonly program?: readonly string[];
}

/**
 * Makes the call in a runtime of its own.
 *
 * @throws {AegisError} for everything that is not the call's own end: options, the module, its start function;
 * `Cancelled` when the signal comes before the call
 */
export async function callOnce(call: SingleCall, options: RunOptions): Promise<RunReport> {
  checkOptionNames(options, RUN_OPTIONS);
  const { secrets, setup, signal, stdin, stdout, stderr, terminals, onLog, onAlert, ...runtimeOptions } =
    options;
  checkCallbacks(setup, signal);
  if (signal?.aborted) throw cancelled(signal);
  const given: SandboxOptions = present({ secrets, stdin, stdout, stderr, terminals, onLog, onAlert });
  const runtime = await Aegis.create(runtimeOptions);
  const stop = () => void runtime.close();
  signal?.addEventListener("abort", stop);
  try {
    const sandbox = await begin(runtime, call, { given, setup });
    signal?.removeEventListener("abort", stop); // from here on it is the call that is cancelled
    const outcome = await sandbox.tryCall(call.name, call.args, signal === undefined ? {} : { signal });
    await sandbox.close(); // what the brokers have denied is complete then
    const output = sandbox.output(), decoder = new TextDecoder();
    return {
      outcome,
      metrics: sandbox.metrics(),
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
      truncated: output.truncated,
      logs: sandbox.logs(),
      alerts: sandbox.alerts(),
      denials: sandbox.denials(),
    };
  } catch (error) {
    throw signal?.aborted && error instanceof AegisError && error.code === "Closed"
      ? cancelled(signal)
      : error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await runtime.close();
  }
}

/** A sandbox with the module loaded. */
async function begin(
  runtime: Aegis,
  { source, program }: SingleCall,
  { given, setup }: { readonly given: SandboxOptions; readonly setup: RunOptions["setup"] },
): Promise<Sandbox> {
  const module = await load(runtime, source);
  const args = program === undefined ? {} : { args: [module.name ?? "main", ...program] };
  const sandbox = await runtime.sandbox({ ...given, ...args }).build();
  await setup?.(sandbox);
  await sandbox.loadModule(module);
  return sandbox;
}

async function load(runtime: Aegis, source: ModuleSource): Promise<AegisModule> {
  if (source instanceof Uint8Array) return await runtime.loadBytes(source);
  if (typeof source === "string" && !/^file:/i.test(source)) return await runtime.loadFile(source);
  const url = typeof source === "string" ? URL.parse(source) : source;
  if (!(url instanceof URL) || url.protocol !== "file:") {
    throw new AegisError(
      "InvalidOption",
      `Cannot run ${quote(String(source))}: give a path, a file: URL or bytes`,
      {
        field: "file",
        ...(url instanceof URL ? { suggestion: "Fetch it first, and give its bytes." } : {}),
      },
    );
  }
  return await runtime.loadFile(url);
}

function checkCallbacks(setup: unknown, signal: unknown): void {
  if (setup !== undefined && typeof setup !== "function") {
    throw new AegisError("InvalidOption", "Cannot use that as setup: give a function that takes a sandbox", {
      field: "setup",
    });
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new AegisError("InvalidOption", "Cannot use that signal of a run: it is no AbortSignal", {
      field: "signal",
    });
  }
}

function cancelled(signal: AbortSignal): AegisError {
  return new AegisError("Cancelled", "The run was cancelled before it began", { cause: signal.reason });
}

/** The same without the keys whose value is undefined. */
function present<T extends object>(options: { readonly [Key in keyof T]: T[Key] | undefined }): Partial<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>; // a part of the same keys
}
