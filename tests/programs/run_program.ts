/**
 * Runs one WASI program in a sandbox of its own. Its limits are generous: what is under test is what the program does,
 * and which grants it takes.
 */
import type { AuditEvent } from "../../src/core/audit.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { LimitOptions } from "../../src/core/limits.ts";
import type { Metrics } from "../../src/core/metrics.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { Aegis } from "../../src/sandbox/aegis.ts";
import type { AegisModule } from "../../src/sandbox/module.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { InputSource } from "../../src/sandbox/standard_input.ts";

/** What a program is given. */
export interface ProgramSetting {
  /** Its own name, its first word. @default `"program"`, or the name of one in `wasm/` */
  readonly name?: string;
  /** Its words, without its own name. @default none */
  readonly args?: readonly string[];
  /** Variables that it sees. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** @default nothing */
  readonly stdin?: InputSource;
  /** @default none */
  readonly capabilities?: readonly Capability[];
  /** @default the library's */
  readonly engine?: Engine;
}

/** How a program ended, and what it left behind. */
export interface ProgramEnd {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Stdout before it was decoded. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly denials: readonly AuditEvent[];
  readonly metrics: Metrics;
}

const LIMITS: LimitOptions = {
  memoryLimit: "1GiB",
  fuelLimit: "unlimited",
  timeout: "60s",
  outputSize: "64MiB",
};

/** Where a built program of `wasm/` lies. */
export function programPath(name: string): string {
  return new URL(`wasm/${name}.wasm`, import.meta.url).pathname;
}

/** What can be run: the name of a program in `wasm/`, bytes, or what {@linkcode prepareProgram} gave. */
export type RunnableProgram = string | Uint8Array | AegisModule;

/** Prepares a program that takes long to prepare, for several runs of it. */
export async function prepareProgram(bytes: Uint8Array): Promise<AegisModule> {
  await using runtime = await Aegis.create({ ...LIMITS, isolation: "worker" });
  return await runtime.loadBytes(bytes);
}

/** A runtime with what a program is granted. */
export function programRuntime({ env = {}, capabilities = [], engine }: ProgramSetting): Promise<Aegis> {
  const variables = Object.keys(env).length === 0 ? [] : [EnvCapability.set(env)];
  return Aegis.create({
    ...LIMITS,
    isolation: "worker",
    ...(engine === undefined ? {} : { engine }),
    capabilities: [...capabilities, ...variables],
  });
}

/** A program that runs in a runtime of {@linkcode programRuntime}. */
interface LoadedProgram {
  readonly program: RunnableProgram;
  readonly setting: ProgramSetting;
  /** @default that of the runtime */
  readonly engine?: Engine;
}

/** Loads a program into a sandbox of its own. */
async function loadProgram(
  runtime: Aegis,
  { program, setting: { args = [], stdin, name }, engine }: LoadedProgram,
): Promise<Sandbox> {
  const options = engine === undefined ? {} : { engine };
  const module = typeof program === "string"
    ? await runtime.loadFile(programPath(program), options)
    : program instanceof Uint8Array
    ? await runtime.loadBytes(program, options)
    : program;
  const itself = name ?? (typeof program === "string" ? program : "program");
  const sandbox = await runtime
    .sandbox({ args: [itself, ...args], ...(stdin === undefined ? {} : { stdin }) })
    .build();
  await sandbox.loadModule(module);
  return sandbox;
}

/** Loads a program into a sandbox, and closes it afterwards. */
export async function withProgram<T>(
  program: RunnableProgram,
  setting: ProgramSetting,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  await using runtime = await programRuntime(setting);
  await using sandbox = await loadProgram(runtime, { program, setting });
  return await use(sandbox);
}

/** Runs a program to its end, beside others of one runtime. */
export async function runBeside(runtime: Aegis, loaded: LoadedProgram): Promise<ProgramEnd> {
  await using sandbox = await loadProgram(runtime, loaded);
  return await runToEnd(sandbox);
}

/** Runs a program to its end. */
export function runProgram(program: RunnableProgram, setting: ProgramSetting = {}): Promise<ProgramEnd> {
  return withProgram(program, setting, runToEnd);
}

async function runToEnd(sandbox: Sandbox): Promise<ProgramEnd> {
  const status = await sandbox.run();
  await sandbox.close(); // the brokers tell of denials until then
  const { stdout, stderr } = sandbox.output(), decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    status,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
    bytes: stdout,
    denials: sandbox.denials(),
    metrics: sandbox.metrics(),
  };
}
