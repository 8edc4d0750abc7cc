/** Flags that a manifest may set, too, under their long names with `_` for `-`. */
import { ALERT_LEVELS, type AlertLevel } from "../../core/alert_level.ts";
import { ENGINES } from "../../core/engine.ts";
import { type PresetName, PRESETS } from "../../core/limits.ts";
import { ON_DENIAL } from "../../core/on_denial.ts";
import type { FlagRow } from "./flag_row.ts";

/** Forms of output. `human` is for reading, the others are one JSON document on stdout. */
export const FORMATS = ["human", "json", "json-compact"] as const;

/** One of {@linkcode FORMATS}. */
export type Format = typeof FORMATS[number];

/** Where a guest may be asked to run, as in the library. */
const ISOLATIONS = ["auto", "worker", "process"] as const;

const ALERT_NAMES = Object.keys(ALERT_LEVELS) as readonly AlertLevel[]; // a literal's keys are those of its type

const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[]; // as above

/** Keys are the names that the library gives the same thing, so that an error's `field` finds its flag. */
export const SETTING_FLAGS = {
  function: {
    long: "function",
    short: "e",
    kind: "text",
    metavar: "NAME",
    doc: "Function to call (default: _start, else main)",
  },
  memoryLimit: {
    long: "memory-limit",
    kind: "size",
    metavar: "SIZE",
    doc: "Most memory, in bytes or as 512KiB, 64MiB (default: 64MiB)",
  },
  fuelLimit: {
    long: "fuel-limit",
    kind: "count",
    metavar: "UNITS",
    doc: 'Most instructions, as 10M (default: 1B; "unlimited" with --timeout)',
  },
  timeout: {
    long: "timeout",
    kind: "time",
    metavar: "TIME",
    doc: "Most wall time, in seconds or as 500ms, 2m (default: 30s)",
  },
  stackLimit: {
    long: "stack-limit",
    kind: "size",
    metavar: "SIZE",
    doc: "Largest call stack (default: 512KiB)",
  },
  cpuTime: {
    long: "cpu-time",
    kind: "time",
    metavar: "TIME",
    doc: "Most time at work, waiting left out (default: none)",
  },
  fileSize: {
    long: "file-size",
    kind: "size",
    metavar: "SIZE",
    doc: "Largest file that may be written (default: 1GiB)",
  },
  writeBytes: {
    long: "write-bytes",
    kind: "size",
    metavar: "SIZE",
    doc: "Most that may be written in all (default: 1GiB)",
  },
  allowRead: {
    long: "allow-read",
    kind: "list",
    metavar: "PATH",
    doc: "Let the guest read a directory or a file",
  },
  allowWrite: {
    long: "allow-write",
    kind: "list",
    metavar: "PATH",
    doc: "Let it write, make and remove files there",
  },
  dir: {
    long: "dir",
    kind: "list",
    metavar: "HOST::GUEST[:ro]",
    doc: "Give it a directory under another name, to read alone with :ro",
  },
  allowNet: {
    long: "allow-net",
    kind: "list",
    metavar: "HOST[:PORT]",
    doc: "Let it send HTTP requests to a host",
  },
  allowClock: {
    long: "allow-clock",
    kind: "switch",
    doc: "Let it see the time; without, its clock is the same in each run",
  },
  allowLogging: {
    long: "allow-logging",
    kind: "switch",
    doc: "Print on stderr what it logs",
  },
  sensor: {
    long: "sensor",
    kind: "list",
    metavar: "ID=VALUE",
    doc: "What a sensor reads: ID=21, ID=21,22,23 over and over, ID=@FILE",
  },
  allowAlert: {
    long: "allow-alert",
    kind: "choice",
    choices: ALERT_NAMES,
    alone: "info",
    metavar: "LEVEL",
    doc: `Print its alerts on stderr, from ${ALERT_NAMES.join(", ")} on`,
  },
  onDenial: {
    long: "on-denial",
    kind: "choice",
    choices: ON_DENIAL,
    metavar: "ACTION",
    doc: `When it is denied something: ${ON_DENIAL.join(", ")} (default: continue)`,
  },
  allowRandom: {
    long: "allow-random",
    kind: "switch",
    doc: "Give it true random bytes; without, they are the same in each run",
  },
  allowEnv: {
    long: "allow-env",
    kind: "list",
    metavar: "NAME",
    doc: "Let it see a variable of the environment",
  },
  env: {
    long: "env",
    kind: "list",
    metavar: "NAME[=VALUE]",
    doc: "Set a variable for it; without a value, as --allow-env",
  },
  seed: {
    long: "seed",
    kind: "number",
    metavar: "NUMBER",
    doc: "Start of its random bytes, instead of --allow-random",
  },
  preset: {
    long: "preset",
    kind: "choice",
    choices: PRESET_NAMES,
    metavar: "NAME",
    doc: `Set of limits: ${PRESET_NAMES.join(", ")} (default: standard)`,
  },
  isolation: {
    long: "isolation",
    kind: "choice",
    choices: ISOLATIONS,
    metavar: "PLACE",
    doc: "Where the guest runs: worker, process, auto (default: auto)",
  },
  engine: {
    long: "engine",
    kind: "choice",
    choices: ENGINES,
    metavar: "ENGINE",
    doc: `What runs the module: ${ENGINES.join(", ")} (default: v8)`,
  },
  checkpoint: {
    long: "checkpoint",
    kind: "text",
    metavar: "FILE",
    doc: "Save the running guest there, for aegis resume; removed at the end",
  },
  checkpointEvery: {
    long: "checkpoint-every",
    kind: "time",
    metavar: "TIME",
    doc: "Time between checkpoints, in seconds or as 500ms, 2m (default: 5s)",
  },
  metrics: {
    long: "metrics",
    kind: "switch",
    doc: "Print what the run used: time, fuel, memory, host calls",
  },
  format: {
    long: "format",
    short: "f",
    kind: "choice",
    choices: FORMATS,
    metavar: "FORMAT",
    doc: `Form of the output: ${FORMATS.join(", ")} (default: human)`,
  },
} as const satisfies Record<string, FlagRow>;

function isSetting(name: string): name is keyof typeof SETTING_FLAGS {
  return Object.hasOwn(SETTING_FLAGS, name);
}

/**
 * The flag that sets what the `field` of an error names, where there is one. Flags that only a command line can have
 * set nothing: `--tables` shows tables, and `tables` is a limit.
 */
export function flagOfField(field: string | undefined): string | undefined {
  return field === undefined || !isSetting(field) ? undefined : `--${SETTING_FLAGS[field].long}`;
}
