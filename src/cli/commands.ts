/** The commands, in the order in which help lists them. */
import type { FlagName } from "./flags.ts";

/** A row of {@linkcode COMMANDS}. */
export interface CommandRow {
  readonly summary: string;
  /** Positional arguments; `undefined` when there is none. */
  readonly operand?: { readonly metavar: string; readonly doc: string; readonly optional?: true };
  /** Whether arguments for the guest may follow a `--`. */
  readonly passesArguments?: true;
  readonly flags: readonly FlagName[];
  /** Exit statuses beside 0, 1 and 2. */
  readonly statuses?: readonly (readonly [status: string, meaning: string])[];
  /** What else help says, a line each. */
  readonly notes?: readonly string[];
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
}

const MODULE = { metavar: "MODULE", doc: "A .wasm or .wat file, or - for stdin" } as const;

export const COMMANDS = {
  run: {
    summary: "Run a function of a module in a sandbox",
    operand: MODULE,
    passesArguments: true,
    flags: [
      "function",
      "memoryLimit",
      "fuelLimit",
      "timeout",
      "stackLimit",
      "cpuTime",
      "fileSize",
      "writeBytes",
      "preset",
      "isolation",
      "engine",
      "checkpoint",
      "checkpointEvery",
      "allowRead",
      "allowWrite",
      "dir",
      "allowNet",
      "allowClock",
      "allowLogging",
      "allowRandom",
      "allowEnv",
      "env",
      "seed",
      "metrics",
      "trace",
      "traceFilter",
      "traceLines",
      "traceFile",
      "profile",
      "config",
      "format",
      "verbose",
      "quiet",
      "help",
    ],
    statuses: [
      ["65", "the module is invalid, or refused"],
      ["77", "an import is missing, or a denial stopped the guest"],
      ["124", "the timeout, or its time at work, has passed"],
      ["134", "the guest trapped"],
      ["137", "the guest trapped after it was refused memory"],
      ["139", "the guest's stack overflowed"],
      ["152", "the guest ran out of fuel or host calls"],
    ],
    notes: [
      "--timeout without --fuel-limit or --preset lifts the default fuel limit: time is the bound.",
      "A guest that exits by itself gives its own status.",
      "The arguments of a program, which starts at _start, are text. It finds the files, hosts and",
      "variables that are granted, and no other; stdin, stdout and stderr are passed on.",
      "--isolation process gives the guest a process of its own, with a bounded heap: modules with GC",
      "types, exception references or shared memories run there. It takes some 50 ms longer to start.",
      "--isolation auto takes a worker, since the command turns on what workers need.",
      "--engine interpreter keeps the module's bytes away from V8: the same results, fuel and limits, many",
      "times slower, and without GC types and threads.",
      "--trace and --profile need --engine interpreter. What they tell of fuel is what a run without them",
      "consumes. speedscope, inferno and flamegraph.pl open the file of --profile.",
      'In JSON, i64 values are text, and so are "nan", "inf", "-inf" and "-0". Bytes are',
      "hexadecimal digits, as arguments and as results; text is text, structured values are JSON.",
    ],
    examples: [
      { line: "aegis run add.wasm --function add -- 5 10", doc: "Call a function with arguments" },
      { line: "aegis run program.wasm --timeout 500ms --memory-limit 16MiB", doc: "Run with tighter limits" },
      { line: "aegis run fib.wat -e fib --metrics -- 30", doc: "Show what the run used" },
      {
        line: "aegis run fib.wat -e fib --engine interpreter --profile fib.folded -- 20",
        doc: "See who used it",
      },
      { line: "aegis run grep.wasm --allow-read=src -- TODO src", doc: "Run a program on a directory" },
      { line: "aegis run tool.wasm --dir in::/in:ro --dir out::/out -- /in /out", doc: "Under other names" },
      {
        line: "aegis run job.wasm --engine interpreter --checkpoint job.snap --checkpoint-every 1m",
        doc: "Save it every minute, for aegis resume",
      },
      { line: "cat add.wasm | aegis run - -e add -f json -- 2 3", doc: "Read the module from stdin" },
    ],
  },
  resume: {
    summary: "Go on with a run from its checkpoint",
    operand: { metavar: "FILE", doc: "What aegis run --checkpoint has written" },
    flags: [
      "memoryLimit",
      "fuelLimit",
      "timeout",
      "stackLimit",
      "cpuTime",
      "fileSize",
      "writeBytes",
      "preset",
      "isolation",
      "checkpoint",
      "checkpointEvery",
      "allowRead",
      "allowWrite",
      "dir",
      "allowNet",
      "allowClock",
      "allowLogging",
      "allowRandom",
      "allowEnv",
      "env",
      "seed",
      "metrics",
      "config",
      "format",
      "verbose",
      "quiet",
      "help",
    ],
    statuses: [["65", "the checkpoint is damaged, or of another version"], ["…", "as of aegis run"]],
    notes: [
      "The checkpoint holds the module and all that the guest had computed, and no grants: give those of",
      "the run again. Files that were open are opened again by their paths; what cannot be is told.",
      "The fuel limit is for the run as a whole, the timeout for the rest of it.",
    ],
    examples: [
      { line: "aegis run job.wasm --engine interpreter --checkpoint job.snap", doc: "Saved every 5 s" },
      { line: "aegis resume job.snap --checkpoint job.snap", doc: "Go on, and be saved on" },
    ],
  },
  validate: {
    summary: "Check that a module is valid, without running it",
    operand: MODULE,
    flags: ["strict", "format", "quiet", "help"],
    statuses: [["65", "the module is invalid, or refused"]],
    examples: [
      { line: "aegis validate plugin.wasm", doc: "Exit status 65 when it is not" },
      { line: "aegis validate plugin.wasm --strict", doc: "Fail on warnings too" },
    ],
  },
  inspect: {
    summary: "Show what a module contains and needs, without running it",
    operand: MODULE,
    flags: [
      "all",
      "exports",
      "imports",
      "memory",
      "tables",
      "globals",
      "tags",
      "segments",
      "sections",
      "producers",
      "features",
      "names",
      "needs",
      "format",
      "quiet",
      "help",
    ],
    statuses: [["65", "the module is invalid"]],
    notes: ["JSON has every part, whatever parts are asked for."],
    examples: [
      { line: "aegis inspect plugin.wasm", doc: "Exports, imports and a summary" },
      { line: "aegis inspect plugin.wasm --exports --memory", doc: "Only these" },
      { line: "aegis inspect plugin.wasm --format json", doc: "Everything, for programs" },
    ],
  },
  bindgen: {
    summary: "Write a typed client for a module",
    operand: MODULE,
    flags: ["out", "name", "import", "force", "quiet", "help"],
    statuses: [["65", "the module is invalid"]],
    notes: [
      "Writes NAME.client.js and NAME.client.d.ts. Types come from the module's section",
      '"aegis:signatures" where it has one, else from the types of its functions.',
    ],
    examples: [
      { line: "aegis bindgen plugin.wasm", doc: "plugin.client.js and plugin.client.d.ts, here" },
      {
        line: "aegis bindgen plugin.wasm --out src/plugins --name greeter",
        doc: "Elsewhere, under another name",
      },
    ],
  },
  help: {
    summary: "Print help for a command",
    operand: { metavar: "COMMAND", doc: "A command", optional: true },
    flags: ["help"],
    examples: [{ line: "aegis help run", doc: "What run can do" }],
  },
  version: {
    summary: "Print the version",
    flags: ["help"],
    examples: [{ line: "aegis version", doc: "The same as aegis --version" }],
  },
} as const satisfies Record<string, CommandRow>;

/** A key of {@linkcode COMMANDS}. */
export type CommandName = keyof typeof COMMANDS;

/** Whether a word is the name of a command. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}
