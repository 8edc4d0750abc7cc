import { AegisError } from "./errors.ts";
import { quote } from "./quote.ts";

/** A size in bytes: a number, or text such as `"64MiB"`, `"64MB"`, `"1.5GiB"`, `"4096"`. */
export type ByteSize = number | string;

/** A time: a number in milliseconds, or text such as `"500ms"`, `"10s"`, `"2m"`, `"1h"`. */
export type Duration = number | string;

/** A count: an integer, or text such as `"1000000"`, `"1_000_000"`, `"10K"`, `"5M"`, `"1B"`. */
export type Count = number | bigint | string;

const BYTE_UNITS: Readonly<Record<string, bigint>> = {
  "": 1n,
  b: 1n,
  k: 1024n,
  kb: 1000n,
  kib: 1024n,
  m: 1024n ** 2n,
  mb: 1000n ** 2n,
  mib: 1024n ** 2n,
  g: 1024n ** 3n,
  gb: 1000n ** 3n,
  gib: 1024n ** 3n,
};

const TIME_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

const COUNT_UNITS: Readonly<Record<string, bigint>> = {
  "": 1n,
  k: 1_000n,
  m: 1_000_000n,
  b: 1_000_000_000n,
  g: 1_000_000_000n,
  t: 1_000_000_000_000n,
};

function refuse(what: string, field: string, value: unknown, allowed: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot read ${field} ${quote(String(value))} as ${what}: ${allowed}`,
    { field },
  );
}

/** Longest text that is read as an amount; past it only nonsense or an attempt to spend time comes. */
const LONGEST_AMOUNT = 64;

// `unknown`, since amounts also come from JSON and from callers without types.
function splitUnit(text: unknown): { digits: string; unit: string } | undefined {
  if (typeof text !== "string" || text.length > LONGEST_AMOUNT) return undefined;
  const match = /^\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*([a-zA-Z]*)\s*$/.exec(text);
  if (!match) return undefined;
  return { digits: (match[1] ?? "").replaceAll("_", ""), unit: (match[2] ?? "").toLowerCase() };
}

/**
 * Multiplies decimal digits exactly, where a double would make a fraction of a byte of `1.001MB`; undefined unless
 * the product is whole.
 */
function scaleExactly(digits: string, factor: bigint): bigint | undefined {
  const [whole = "", fraction = ""] = digits.split(".");
  const scaled = BigInt(whole + fraction) * factor, scale = 10n ** BigInt(fraction.length);
  return scaled % scale === 0n ? scaled / scale : undefined;
}

/**
 * Reads a size. `MB` is 10^6 bytes, `MiB` and a bare `M` are 2^20.
 *
 * @param field the option's name, for the message
 * @returns whole bytes, 0 … 2^53-1
 * @throws {AegisError} `InvalidOption`
 */
export function parseByteSize(value: ByteSize, field: string): number {
  const allowed = 'use bytes or a unit, for instance "65536", "64KiB", "64MiB", "1GiB"';
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw refuse("a whole number of bytes", field, value, allowed);
    }
    return value;
  }
  const parts = splitUnit(value);
  const factor = parts && Object.hasOwn(BYTE_UNITS, parts.unit) ? BYTE_UNITS[parts.unit] : undefined;
  if (!parts || factor === undefined) throw refuse("a size", field, value, allowed);
  const bytes = Number(scaleExactly(parts.digits, factor) ?? NaN);
  if (!Number.isSafeInteger(bytes)) throw refuse("a whole number of bytes", field, value, allowed);
  return bytes;
}

/**
 * Reads a time.
 *
 * @param bareUnit the unit of text without one: `ms` in the library, `s` on the command line
 * @returns milliseconds, greater than or equal to 0; may have a fraction
 * @throws {AegisError} `InvalidOption`
 */
export function parseDuration(value: Duration, field: string, bareUnit: "ms" | "s" = "ms"): number {
  const allowed = 'use a number with a unit, for instance "500ms", "10s", "2m", "1h"';
  const parts = typeof value === "number" ? { digits: String(value), unit: "ms" } : splitUnit(value);
  const unit = parts?.unit === "" ? bareUnit : parts?.unit;
  const factor = unit !== undefined && Object.hasOwn(TIME_UNITS, unit) ? TIME_UNITS[unit] : undefined;
  const milliseconds = Number(parts?.digits) * (factor ?? NaN);
  if (!Number.isFinite(milliseconds) || milliseconds < 0 || milliseconds > Number.MAX_SAFE_INTEGER) {
    throw refuse("a time", field, value, allowed);
  }
  return milliseconds;
}

/**
 * Reads a count, for instance of fuel units.
 *
 * @returns a whole number, greater than or equal to 0
 * @throws {AegisError} `InvalidOption`
 */
export function parseCount(value: Count, field: string): bigint {
  const allowed = 'use a whole number or a unit, for instance "1000000", "1_000_000", "10K", "5M", "1B"';
  if (typeof value === "bigint" || typeof value === "number") {
    if (typeof value === "number" && !Number.isSafeInteger(value) || value < 0) {
      throw refuse("a count", field, value, allowed);
    }
    return BigInt(value);
  }
  const parts = splitUnit(value);
  const factor = parts && Object.hasOwn(COUNT_UNITS, parts.unit) ? COUNT_UNITS[parts.unit] : undefined;
  if (!parts || factor === undefined) throw refuse("a count", field, value, allowed);
  const count = scaleExactly(parts.digits, factor);
  if (count === undefined) throw refuse("a whole count", field, value, allowed);
  return count;
}

/** The smaller of two counts. */
export function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
