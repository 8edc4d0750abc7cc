import { canChange, copyValue } from "./copied_value.ts";
import { opaqueName } from "./unsayable.ts";
import { TypeMismatchError } from "../core/errors.ts";
import {
  type CallValue,
  formatFuncType,
  type FuncType,
  type Value,
  VALUE_KINDS,
  type ValueKind,
} from "../core/value.ts";
import { quote } from "../core/quote.ts";

const RANGES: Readonly<Record<"i32" | "i64", readonly [low: bigint, high: bigint]>> = {
  i32: [-(2n ** 31n), 2n ** 32n - 1n],
  i64: [-(2n ** 63n), 2n ** 64n - 1n],
};

/** Lists that {@linkcode copyArguments} has made deep copies of: nobody else has them, so they are not copied again. */
const COPIED = new WeakSet<readonly CallValue[]>();

/**
 * Arguments as they are now, for a call that may have to wait. Numbers and texts cost nothing; what can change meanwhile
 * is copied, whatever is in it.
 *
 * @throws {TypeMismatchError} for what is no array, and for what cannot be copied
 */
export function copyArguments(name: string, args: readonly CallValue[]): readonly CallValue[] {
  const refused = (place: string, expected: string, value: unknown) =>
    new TypeMismatchError(`Cannot call function ${quote(name)}${place}`, expected, describeValue(value));
  if (!Array.isArray(args)) throw refused("", "an array of arguments", args);
  if (!args.some(canChange)) return [...args];
  if (COPIED.has(args)) return args;
  const copies = args.map((value, index) => {
    try {
      return canChange(value) ? copyValue(value) : value;
    } catch {
      throw refused(`: argument ${index + 1}`, "a value that can be copied", value);
    }
  });
  COPIED.add(copies);
  return copies;
}

/**
 * Checks arguments against a function's type.
 *
 * @returns the kinds of the parameters
 * @throws {TypeMismatchError} for a wrong count, a wrong type, a value out of range, or a type that calls cannot pass
 */
export function checkArguments(name: string, type: FuncType, args: readonly Value[]): ValueKind[] {
  const what = `Cannot call function ${quote(name)}`;
  for (const kind of [...type.params, ...type.results]) {
    if (!isKind(kind)) {
      throw new TypeMismatchError(
        `${what} of type ${formatFuncType(type)}`,
        `values of ${VALUE_KINDS.join(", ")}`,
        kind,
      );
    }
  }
  if (args.length !== type.params.length) {
    throw new TypeMismatchError(
      `${what} of type ${formatFuncType(type)}`,
      count(type.params.length),
      String(args.length),
    );
  }
  const kinds = type.params.filter(isKind);
  for (const [index, kind] of kinds.entries()) {
    const problem = valueMismatch(kind, args[index]);
    if (problem !== undefined) {
      throw new TypeMismatchError(`${what}: argument ${index + 1}`, problem, describeValue(args[index]));
    }
  }
  return kinds;
}

function isKind(kind: string): kind is ValueKind {
  return (VALUE_KINDS as readonly string[]).includes(kind);
}

function count(arguments_: number): string {
  return arguments_ === 1 ? "1 argument" : `${arguments_} arguments`;
}

/** A value as a message shows it: numbers and text as they are, of anything else its kind, or its class if that is a well-known one. */
export function describeValue(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value === null
    ? "null"
    : value === undefined
    ? "undefined"
    : Array.isArray(value)
    ? "an array"
    : typeof value === "object"
    ? opaqueName(value) ?? "an object"
    : `a ${typeof value}`;
}

/** What was expected, if a value is not of a kind, or out of its range. */
export function valueMismatch(kind: ValueKind, value: unknown): string | undefined {
  if (kind === "f32" || kind === "f64") return typeof value === "number" ? undefined : `a number for ${kind}`;
  const [low, high] = RANGES[kind];
  if (kind === "i64") {
    if (typeof value !== "bigint") return "a bigint for i64";
    return value >= low && value <= high ? undefined : "a bigint from -2^63 to 2^64-1 for i64";
  }
  const fits = typeof value === "number" && Number.isInteger(value) && BigInt(value) >= low &&
    BigInt(value) <= high;
  return fits ? undefined : "a whole number from -2^31 to 2^32-1 for i32";
}
