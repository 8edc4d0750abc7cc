/** Arguments and results of calls as JSON. */
import { AegisError } from "../core/errors.ts";
import type { CallValue, FuncType } from "../core/value.ts";
import { quote } from "../core/quote.ts";
import type { TaskValue } from "./task_settings.ts";

/** Numbers that JSON has no digits for. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
  ["-0", -0],
]);

/**
 * Arguments for a function of this type. What is no number is passed on as it is, to functions that take content.
 *
 * @throws {AegisError} `TypeMismatch` for text that is no number where one is due
 */
export function callArguments(args: readonly TaskValue[], type: FuncType | undefined): CallValue[] {
  const numeric = type !== undefined && type.params.length === args.length;
  return args.map((value, index) => numeric ? numberArgument(value, type.params[index]) : value as CallValue); // JSON is content
}

function numberArgument(value: TaskValue, kind: string | undefined): CallValue {
  if (kind === "i64" && (typeof value === "number" || typeof value === "string")) return bigint(value);
  if (typeof value !== "string" || kind === undefined || !["i32", "f32", "f64"].includes(kind)) {
    return value as CallValue; // JSON is content
  }
  const special = SPECIAL.get(value);
  if (kind !== "i32" && special !== undefined) return special;
  const number = isBlank(value) ? NaN : Number(value);
  if (Number.isNaN(number)) throw mismatch(kind, value);
  return number;
}

function bigint(value: number | string): bigint {
  if (typeof value === "string" && isBlank(value)) throw mismatch("i64", value);
  try {
    return BigInt(value);
  } catch {
    throw mismatch("i64", String(value));
  }
}

/** JavaScript reads it as zero. */
function isBlank(text: string): boolean {
  return text.trim() === "";
}

function mismatch(kind: string, value: string): AegisError {
  return new AegisError(
    "TypeMismatch",
    `Cannot use ${quote(value.slice(0, 60))} as an argument of type ${kind}`,
    {
      field: "args",
    },
  );
}

/** Results as JSON: i64 and what JSON has no digits for as text, bytes as hexadecimal digits. */
export function resultsJson(values: readonly CallValue[]): string {
  return JSON.stringify(values, (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    if (value instanceof Uint8Array) return value.toHex();
    if (typeof value !== "number" || Number.isFinite(value) && !Object.is(value, -0)) return value;
    return [...SPECIAL].find(([, special]) => Object.is(special, value))?.[0];
  });
}
