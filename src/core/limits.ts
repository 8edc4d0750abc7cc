import { AegisError } from "./errors.ts";
import { checkOptionNames } from "./option_names.ts";
import { quote } from "./quote.ts";
import { formatByteSize } from "./unit_text.ts";
import {
  type ByteSize,
  type Count,
  type Duration,
  parseByteSize,
  parseCount,
  parseDuration,
} from "./units.ts";

/** More fuel than any guest can burn: fuel that is "off" still runs in slices, with this budget. */
export const UNLIMITED_FUEL: bigint = 2n ** 62n;

/** Fuel units a guest may burn before it looks at its control words again, where a unit takes long. */
export const DEFAULT_SLICE = 20_000n;

/** The same where a unit takes a fraction of a nanosecond. */
export const MOST_SLICE = 1_000_000n;

/**
 * Every limit of a sandbox. `unit` says how values are read; `standard` is the default; `least` is what a guest
 * needs to run at all; where `unlimited` stands, the text `"unlimited"` is a value, too. Larger modules than V8 could take after instrumentation are refused by
 * `wasm/implementation_limits.ts`, whatever stands here.
 */
export const LIMITS = {
  memoryLimit: {
    unit: "bytes",
    standard: "64MiB",
    least: 0,
    most: 2 ** 34,
    doc: "All memories of the sandbox together",
  },
  fuelLimit: {
    unit: "count",
    standard: 1_000_000_000n,
    least: 1,
    most: Number.MAX_SAFE_INTEGER,
    unlimited: true,
    doc: 'Executed instructions; "unlimited" for no budget',
  },
  timeout: { unit: "time", standard: "30s", least: 1, most: 2 ** 31 - 1000, doc: "Wall time of one call" },
  cpuTime: {
    unit: "time",
    standard: "unlimited",
    least: 1,
    most: 2 ** 31 - 1000,
    unlimited: true,
    doc: "Time of one call less the time that the guest waited",
  },
  stackLimit: {
    unit: "bytes",
    standard: "512KiB",
    least: 1024,
    most: 640 * 1024,
    doc: "Call stack of the guest",
  },
  hostCallLimit: {
    unit: "count",
    standard: 1_000_000_000n,
    least: 0,
    most: Number.MAX_SAFE_INTEGER,
    doc: "Calls of host functions, and operations of files, hosts and streams, up to a reset",
  },
  tableLimit: {
    unit: "count",
    standard: 10_000n,
    least: 0,
    most: 10_000_000,
    doc: "Elements of a table after growth, and of a declared table of other than funcref type",
  },
  functionTableLimit: {
    unit: "count",
    standard: 100_000n,
    least: 0,
    most: 10_000_000,
    doc: "Elements of a declared funcref table",
  },
  memories: { unit: "count", standard: 1n, least: 0, most: 100, doc: "Number of memories of a module" },
  tables: { unit: "count", standard: 100n, least: 0, most: 99_000, doc: "Number of tables of a module" },
  moduleSize: { unit: "bytes", standard: "64MiB", least: 8, most: 2 ** 30, doc: "Size of a module" },
  functions: { unit: "count", standard: 250_000n, least: 0, most: 1_000_000, doc: "Functions of a module" },
  functionSize: {
    unit: "bytes",
    standard: "512KiB",
    least: 1,
    most: 2 ** 21,
    doc: "Code of one function: V8 optimises it in one go, in the background, in 1.5 µs a byte",
  },
  imports: { unit: "count", standard: 10_000n, least: 0, most: 100_000, doc: "Imports of a module" },
  exports: { unit: "count", standard: 50_000n, least: 0, most: 1_000_000, doc: "Exports of a module" },
  globals: { unit: "count", standard: 100_000n, least: 0, most: 1_000_000, doc: "Globals of a module" },
  segments: {
    unit: "count",
    standard: 100_000n,
    least: 0,
    most: 10_000_000,
    doc: "Data and element segments of a module",
  },
  frameSize: {
    unit: "bytes",
    standard: "16MiB",
    least: 4096,
    most: 2 ** 28,
    doc: "Arguments or results of one call, encoded",
  },
  outputSize: {
    unit: "bytes",
    standard: "1MiB",
    least: 0,
    most: 2 ** 30,
    doc: "Standard output and standard error that are kept, each",
  },
  openFiles: {
    unit: "count",
    standard: 128n,
    least: 0,
    most: 65_536,
    doc: "Files and directories open at once",
  },
  createdFiles: {
    unit: "count",
    standard: 100_000n,
    least: 0,
    most: Number.MAX_SAFE_INTEGER,
    doc: "Files, directories and links that the guest makes over the sandbox's life",
  },
  fileSize: {
    unit: "bytes",
    standard: "1GiB",
    least: 0,
    most: Number.MAX_SAFE_INTEGER,
    unlimited: true,
    doc: "Size of a file that the guest writes",
  },
  readBytes: {
    unit: "bytes",
    standard: "unlimited",
    least: 0,
    most: Number.MAX_SAFE_INTEGER,
    unlimited: true,
    doc: "Bytes read from files, and all that hosts send, over the sandbox's life, each",
  },
  writeBytes: {
    unit: "bytes",
    standard: "1GiB",
    least: 0,
    most: Number.MAX_SAFE_INTEGER,
    unlimited: true,
    doc: "Bytes written to files, and to hosts, over the sandbox's life, each",
  },
  readRate: {
    unit: "bytes",
    standard: "unlimited",
    least: 1024,
    most: Number.MAX_SAFE_INTEGER,
    unlimited: true,
    doc: "Bytes a second read from files, and from hosts, each",
  },
  writeRate: {
    unit: "bytes",
    standard: "unlimited",
    least: 1024,
    most: Number.MAX_SAFE_INTEGER,
    unlimited: true,
    doc: "Bytes a second written to files, and to hosts, each",
  },
  connections: {
    unit: "count",
    standard: 8n,
    least: 0,
    most: 1024,
    doc: "Network requests under way at once",
  },
} as const satisfies Record<string, LimitRow>;

interface LimitRow {
  readonly unit: "bytes" | "count" | "time";
  readonly standard: string | bigint;
  readonly least: number;
  readonly most: number;
  readonly unlimited?: true;
  readonly doc: string;
}

/** The name of a limit. */
export type LimitName = keyof typeof LIMITS;

/** Limits as a person gives them; every key is optional, unknown keys are refused. */
export interface LimitOptions {
  /** All memories of the sandbox together. @default "64MiB" */
  readonly memoryLimit?: ByteSize;
  /** Fuel units, or `"unlimited"`. @default 1_000_000_000n */
  readonly fuelLimit?: Count;
  /** Wall time of one call, milliseconds when a bare number. @default "30s" */
  readonly timeout?: Duration;
  /** Time of one call less the time that the guest waited, or `"unlimited"`. @default "unlimited" */
  readonly cpuTime?: Duration;
  /** Call stack of the guest. @default "512KiB" */
  readonly stackLimit?: ByteSize;
  /** Calls of host functions, and operations of files, hosts and streams, up to a reset. @default 1_000_000_000 */
  readonly hostCallLimit?: Count;
  /** Elements of a table after growth, and of a declared table of other than funcref type. @default 10_000 */
  readonly tableLimit?: Count;
  /** Elements of a declared funcref table. @default 100_000 */
  readonly functionTableLimit?: Count;
  /** Number of memories of a module. @default 1 */
  readonly memories?: Count;
  /** Number of tables of a module. @default 100 */
  readonly tables?: Count;
  /** Size of a module. @default "64MiB" */
  readonly moduleSize?: ByteSize;
  /** Functions of a module. @default 250_000 */
  readonly functions?: Count;
  /** Code of one function. @default "512KiB" */
  readonly functionSize?: ByteSize;
  /** Imports of a module. @default 10_000 */
  readonly imports?: Count;
  /** Exports of a module. @default 50_000 */
  readonly exports?: Count;
  /** Globals of a module. @default 100_000 */
  readonly globals?: Count;
  /** Data and element segments of a module. @default 100_000 */
  readonly segments?: Count;
  /** Arguments or results of one call, encoded. @default "16MiB" */
  readonly frameSize?: ByteSize;
  /** Standard output and standard error that are kept, each. @default "1MiB" */
  readonly outputSize?: ByteSize;
  /** Files and directories open at once. @default 128 */
  readonly openFiles?: Count;
  /** Files, directories and links that the guest makes over the sandbox's life. @default 100_000 */
  readonly createdFiles?: Count;
  /** Size of a file that the guest writes, or `"unlimited"`. @default "1GiB" */
  readonly fileSize?: ByteSize;
  /** Bytes read from files, and all that hosts send, over the sandbox's life, each, or `"unlimited"`. @default "unlimited" */
  readonly readBytes?: ByteSize;
  /** Bytes written to files, and to hosts, over the sandbox's life, each, or `"unlimited"`. @default "1GiB" */
  readonly writeBytes?: ByteSize;
  /** Bytes a second read from files, and from hosts, each, or `"unlimited"`. @default "unlimited" */
  readonly readRate?: ByteSize;
  /** Bytes a second written to files, and to hosts, each, or `"unlimited"`. @default "unlimited" */
  readonly writeRate?: ByteSize;
  /** Network requests under way at once. @default 8 */
  readonly connections?: Count;
}

/** Limits after they were read: total, frozen; bytes, milliseconds, counts; Infinity for what is unlimited. */
export type Limits = {
  readonly [Name in keyof LimitOptions]-?: Name extends "fuelLimit" ? bigint : number;
};

/** Named sets of limits; what a preset does not name is `standard`. */
export const PRESETS = {
  /** Small, pure computations. */
  minimal: {
    memoryLimit: "1MiB",
    fuelLimit: "10M",
    timeout: "1s",
    stackLimit: "128KiB",
    tableLimit: 1000,
    hostCallLimit: "10K",
  },
  /** The defaults. */
  standard: {},
  /** Programs that are trusted to be large, not to be kind. */
  generous: {
    memoryLimit: "1GiB",
    fuelLimit: "100B",
    timeout: "5m",
    openFiles: 1024,
    createdFiles: 10_000_000,
    fileSize: "16GiB",
    writeBytes: "16GiB",
    tableLimit: 1_000_000,
    functionTableLimit: 1_000_000,
    memories: 16,
  },
  /** Short tasks of a scheduler. */
  os: { fuelLimit: "1M", timeout: "5s", hostCallLimit: "1K" },
} as const satisfies Record<string, LimitOptions>;

/** A key of {@linkcode PRESETS}. */
export type PresetName = keyof typeof PRESETS;

/**
 * An amount of a limit with its unit: `64MiB`, `1.5s`, `1000`, `unlimited`. A time is exact, since a rounded bound may lie
 * past the bound.
 */
export function formatLimit(name: LimitName, amount: number | bigint): string {
  if (amount === Infinity || amount === UNLIMITED_FUEL) return "unlimited";
  switch (LIMITS[name].unit) {
    case "bytes":
      return formatByteSize(Number(amount));
    case "time":
      return Number(amount) < 1000 ? `${amount}ms` : `${Number(amount) / 1000}s`;
    case "count":
      return String(amount);
  }
}

function readLimit(name: LimitName, value: number | bigint | string): number | bigint {
  const row: LimitRow = LIMITS[name];
  if (row.unlimited && (value === "unlimited" || value === Infinity)) {
    return name === "fuelLimit" ? UNLIMITED_FUEL : Infinity;
  }
  const amount = row.unit === "bytes"
    ? parseByteSize(typeof value === "bigint" ? Number(value) : value, name)
    : row.unit === "time"
    ? parseDuration(typeof value === "bigint" ? Number(value) : value, name)
    : parseCount(value, name);
  if (amount < row.least) {
    throw new AegisError(
      "LimitTooLow",
      `Cannot set ${name} to ${formatLimit(name, amount)}: it must be at least ${
        formatLimit(name, row.least)
      }`,
      {
        field: name,
      },
    );
  }
  if (amount > row.most) {
    throw new AegisError(
      "InvalidOption",
      `Cannot set ${name} to ${formatLimit(name, amount)}: it must be at most ${formatLimit(name, row.most)}`,
      {
        field: name,
      },
    );
  }
  return name === "fuelLimit" ? BigInt(amount) : Number(amount);
}

/**
 * Reads limits over a preset into a total, frozen record.
 *
 * @throws {AegisError} `InvalidOption` for an unknown key or a value that cannot be read, `LimitTooLow`
 */
export function resolveLimits(options: LimitOptions = {}, preset: PresetName = "standard"): Limits {
  if (!Object.hasOwn(PRESETS, preset)) {
    throw new AegisError(
      "InvalidOption",
      `Cannot use preset ${quote(preset)}: use one of ${Object.keys(PRESETS).join(", ")}`,
      {
        field: "preset",
      },
    );
  }
  checkOptionNames(options, { place: "as a limit", names: LIMITS });
  // Without prototypes: what a library may have put on Object.prototype is no limit.
  const base: LimitOptions = Object.assign(Object.create(null), PRESETS[preset]);
  const own: LimitOptions = Object.assign(Object.create(null), options);
  const resolved: Record<string, number | bigint> = {};
  for (const name of Object.keys(LIMITS) as LimitName[]) {
    // A key that is there and undefined, as untyped callers pass it, must not undo what the preset narrows.
    const value = own[name] === undefined ? base[name] : own[name];
    resolved[name] = readLimit(name, value === undefined ? LIMITS[name].standard : value);
  }
  return Object.freeze(resolved) as unknown as Limits; // every key of LIMITS was just filled in
}
