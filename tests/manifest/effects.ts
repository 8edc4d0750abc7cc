/**
 * What each key of a manifest does, shown on a guest: what comes of it without the key, and with it. A key that nobody
 * heeds has no such row.
 */
import { Aegis, type AegisOptions } from "../../mod.ts";
import { decodePlan, type RunPlan } from "../../src/cli/run_plan.ts";
import type { KeyName } from "../../src/manifest/keys.ts";
import { runCommand } from "../cli/fake_io.ts";
import { codeOf, type Tried, tryCalls, tryModule } from "./probe.ts";

/** What an effect is shown with. */
export interface Stage {
  /** Of the manifest. */
  readonly options: AegisOptions;
  /** The manifest. */
  readonly text: string;
  /** A server of this machine. */
  readonly url: string;
}

/** A row: lines that are there in both cases, the line with the key, what is looked at, what it is without and with. */
export interface Effect {
  readonly base?: string;
  readonly line: string;
  readonly look: (stage: Stage) => Promise<unknown> | unknown;
  readonly without: unknown;
  readonly with: unknown;
}

type Call = readonly [name: string, ...args: number[]];

/** Looks at what calls of the probe give. */
const calling = (...calls: Call[]) => async ({ options, url }: Stage) =>
  (await tryCalls(options, calls, { url })).value;

/** Looks at something else of what the probe did. */
const doing = (part: keyof Tried, ...calls: Call[]) => async ({ options }: Stage) =>
  (await tryCalls(options, calls))[part];

/** Looks at whether a module is taken. */
const loading = (fields: string) => ({ options }: Stage) => tryModule(options, fields);

/** Looks at the runtime that the options make. */
const making = (look: (runtime: Aegis) => unknown) => async ({ options }: Stage) => {
  try {
    await using runtime = await Aegis.create({ isolation: "worker", ...options });
    return await look(runtime);
  } catch (error) {
    return codeOf(error);
  }
};

/** Looks at what the command would run, and how. */
const planning = (look: (plan: RunPlan) => unknown) => async ({ text }: Stage) => {
  const files = { "aegis.toml": text, "m.wasm": "", ".": "" };
  const { started } = await runCommand(["run", "m.wasm", "-c", "aegis.toml"], { files });
  return look(decodePlan(started[0]?.args.at(-1) ?? ""));
};

const OK = "ok", NOTHING = "nothing", refused = (field: string) => `ModuleRefused ${field}`;

/** What takes more fuel than a short time has room for. */
const ENDLESS = 'fuel_limit = "unlimited"';

const READS = 'allow_read = { host = ".", guest = "." }', WRITES = 'dir = ".::."';

export const EFFECTS: Readonly<Record<KeyName, Effect>> = {
  function: {
    line: 'function = "add"',
    look: planning(({ functionName }) => functionName),
    without: null,
    with: "add",
  },
  preset: {
    line: 'preset = "minimal"',
    look: calling(["grow", 20]),
    without: 1,
    with: -1,
  },
  engine: {
    line: 'engine = "interpreter"',
    look: making(({ engine }) => engine),
    without: "v8",
    with: "interpreter",
  },
  isolation: {
    line: 'isolation = "process"',
    look: making(({ isolation }) => isolation),
    without: "worker",
    with: "process",
  },
  onDenial: {
    line: 'on_denial = "stop"',
    look: calling(["sensor", 1]),
    without: 0,
    with: "CapabilityDenied",
  },
  onMemoryLimit: {
    base: 'memory_limit = "64KiB"',
    line: 'on_memory_limit = "trap"',
    look: calling(["grow", 1]),
    without: -1,
    with: "MemoryExceeded memoryLimit",
  },
  deterministic: {
    line: "deterministic = true",
    look: calling(["nan"]),
    without: 0x7fe0_0000,
    with: 0x7fc0_0000,
  },
  maxSandboxes: {
    line: "max_sandboxes = 1",
    look: making(async (runtime) => {
      await using _one = await runtime.sandbox().build();
      await using _other = await runtime.sandbox().build();
      return OK;
    }),
    without: OK,
    with: "TooManySandboxes maxSandboxes",
  },
  allowRead: { line: READS, look: calling(["open"]), without: 76, with: 0 },
  allowWrite: {
    line: 'allow_write = { host = ".", guest = "." }',
    look: calling(["write"]),
    without: 1000,
    with: 0,
  },
  dir: {
    base: READS,
    line: 'dir = { host = ".", guest = ".", rights = ["create", "write"] }',
    look: calling(["write"]),
    without: 1000,
    with: 0,
  },
  allowNet: {
    line: 'allow_net = { host = "HOST", methods = ["GET"] }',
    look: calling(["ask"]),
    without: 76,
    with: 0,
  },
  allowClock: {
    line: "allow_clock = { fixed = 2026-01-01T00:00:00Z }",
    look: calling(["clock"]),
    without: 1_640_995_200_001_000_000n,
    with: 1_767_225_600_000_000_000n,
  },
  allowLogging: {
    line: 'allow_logging = "warn"',
    look: doing("logs", ["log", 0], ["log", 1], ["log", 2]),
    without: 0,
    with: 2,
  },
  sensor: {
    line: 'sensor = { id = 7, values = [1, 2], end = "hold" }',
    look: calling(["sensor", 7], ["sensor", 7], ["sensor", 7]),
    without: 0,
    with: 2,
  },
  allowAlert: {
    line: 'allow_alert = { level = "error", keep = 1 }',
    look: doing("alerts", ["alert", 0], ["alert", 2], ["alert", 3]),
    without: 0,
    with: 1,
  },
  allowRandom: {
    line: "allow_random = true",
    look: making(({ policy }) => policy.random),
    without: undefined,
    with: { kind: "random", seed: undefined },
  },
  allowEnv: { line: 'allow_env = "PATH"', look: calling(["variables"]), without: 0, with: 1 },
  env: { line: 'env = { A = "1", B = "" }', look: calling(["variables"]), without: 0, with: 2 },
  seed: {
    line: "seed = 7",
    look: calling(["random"]),
    without: -7_347_449_662_480_513_955n,
    with: 6_675_779_012_706_078_273n,
  },
  checkpoint: {
    base: 'engine = "interpreter"',
    line: 'checkpoint = "job.snap"',
    look: planning(({ checkpoint }) => checkpoint?.shown),
    without: undefined,
    with: "job.snap",
  },
  checkpointEvery: {
    base: 'engine = "interpreter"\ncheckpoint = "job.snap"',
    line: 'checkpoint_every = "1m"',
    look: planning(({ checkpoint }) => checkpoint?.every),
    without: 5000,
    with: 60_000,
  },
  metrics: {
    line: "metrics = true",
    look: planning(({ output }) => output.metrics),
    without: false,
    with: true,
  },
  format: {
    line: 'format = "json"',
    look: planning(({ output }) => output.format),
    without: "human",
    with: "json",
  },
  memoryLimit: { line: 'memory_limit = "64KiB"', look: calling(["grow", 1]), without: 1, with: -1 },
  fuelLimit: {
    line: "fuel_limit = 1000",
    look: calling(["count", 10_000]),
    without: NOTHING,
    with: "OutOfFuel fuelLimit",
  },
  timeout: {
    base: ENDLESS,
    line: "timeout = 0.02",
    look: calling(["count", 100_000_000]),
    without: NOTHING,
    with: "Timeout timeout",
  },
  cpuTime: {
    base: ENDLESS,
    line: 'cpu_time = "20ms"',
    look: calling(["count", 100_000_000]),
    without: NOTHING,
    with: "CpuTimeExceeded cpuTime",
  },
  stackLimit: {
    line: 'stack_limit = "1KiB"',
    look: calling(["deep", 1000]),
    without: 1000,
    with: "StackOverflow stackLimit",
  },
  hostCallLimit: {
    line: "host_call_limit = 2",
    look: calling(["sensor", 0], ["sensor", 0], ["sensor", 0]),
    without: 0,
    with: "HostCallsExceeded hostCallLimit",
  },
  tableLimit: {
    line: "table_limit = 1",
    look: loading("(table 2 externref)"),
    without: OK,
    with: refused("tableLimit"),
  },
  functionTableLimit: {
    line: "function_table_limit = 1",
    look: loading("(table 2 funcref)"),
    without: OK,
    with: refused("functionTableLimit"),
  },
  memories: { line: "memories = 0", look: loading("(memory 1)"), without: OK, with: refused("memories") },
  tables: { line: "tables = 0", look: loading("(table 1 funcref)"), without: OK, with: refused("tables") },
  moduleSize: {
    line: "module_size = 8",
    look: loading("(memory 1)"),
    without: OK,
    with: refused("moduleSize"),
  },
  functions: {
    line: "functions = 1",
    look: loading("(func) (func)"),
    without: OK,
    with: refused("functions"),
  },
  functionSize: {
    line: "function_size = 1",
    look: loading("(func (nop) (nop))"),
    without: OK,
    with: refused("functionSize"),
  },
  imports: {
    line: "imports = 0",
    look: loading('(import "env" "read_sensor" (func (param i32) (result i32)))'),
    without: OK,
    with: refused("imports"),
  },
  exports: {
    line: "exports = 0",
    look: loading('(func (export "f"))'),
    without: OK,
    with: refused("exports"),
  },
  globals: {
    line: "globals = 0",
    look: loading("(global i32 (i32.const 0))"),
    without: OK,
    with: refused("globals"),
  },
  segments: {
    line: "segments = 0",
    look: loading('(memory 1) (data (i32.const 0) "x")'),
    without: OK,
    with: refused("segments"),
  },
  frameSize: {
    line: 'frame_size = "4KiB"',
    look: making(({ limits }) => limits.frameSize),
    without: 16_777_216,
    with: 4096,
  },
  outputSize: {
    line: "output_size = 4",
    look: doing("printed", ["print"]),
    without: "0123456789abcdef",
    with: "0123",
  },
  openFiles: { base: READS, line: "open_files = 0", look: calling(["open"]), without: 0, with: 33 },
  createdFiles: { base: WRITES, line: "created_files = 0", look: calling(["make"]), without: 0, with: 19 },
  fileSize: {
    base: WRITES,
    line: "file_size = 4",
    look: calling(["write"], ["written"]),
    without: 16,
    with: 4,
  },
  readBytes: { base: READS, line: "read_bytes = 0", look: calling(["read"]), without: 0, with: 19 },
  writeBytes: { base: WRITES, line: "write_bytes = 0", look: calling(["write"]), without: 0, with: 19 },
  readRate: {
    line: 'read_rate = "1KiB"',
    look: making(({ limits }) => limits.readRate),
    without: Infinity,
    with: 1024,
  },
  writeRate: {
    line: 'write_rate = "1KiB"',
    look: making(({ limits }) => limits.writeRate),
    without: Infinity,
    with: 1024,
  },
  connections: {
    base: 'allow_net = "HOST"',
    line: "connections = 0",
    look: calling(["ask"]),
    without: 0,
    with: 33,
  },
};
