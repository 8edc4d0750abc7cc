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

/** Loads a program into a sandbox, and closes it afterwards. @param program the name of one in `wasm/`, or bytes */
export async function withProgram<T>(
  program: string | Uint8Array,
  setting: ProgramSetting,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const { args = [], env = {}, stdin, capabilities = [], engine } = setting;
  const { name = typeof program === "string" ? program : "program" } = setting;
  const variables = Object.keys(env).length === 0 ? [] : [EnvCapability.set(env)];
  await using runtime = await Aegis.create({
    ...LIMITS,
    isolation: "worker",
    ...(engine === undefined ? {} : { engine }),
    capabilities: [...capabilities, ...variables],
  });
  const module = typeof program === "string"
    ? await runtime.loadFile(programPath(program))
    : await runtime.loadBytes(program);
  await using sandbox = await runtime
    .sandbox({ args: [name, ...args], ...(stdin === undefined ? {} : { stdin }) })
    .build();
  await sandbox.loadModule(module);
  return await use(sandbox);
}

/** Runs a program to its end. @param program the name of one in `wasm/`, or bytes */
export function runProgram(program: string | Uint8Array, setting: ProgramSetting = {}): Promise<ProgramEnd> {
  return withProgram(program, setting, async (sandbox) => {
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
  });
}
