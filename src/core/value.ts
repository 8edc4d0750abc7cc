/**
 * Values as they cross the public API: `i32`, `f32` and `f64` are numbers, `i64` is a bigint
 * (signed, -2^63 … 2^63-1).
 */
export type Value = number | bigint;

/** What calls take and return: numbers, and what lies in the guest's memory: text, bytes, structured values. */
export type CallValue = Value | string | boolean | null | object;

/** The names of the value types that calls take and return. */
export const VALUE_KINDS = ["i32", "i64", "f32", "f64"] as const;

/** One of `i32`, `i64`, `f32`, `f64`. */
export type ValueKind = typeof VALUE_KINDS[number];

/** The type of an exported function; entries are the specification's names, for instance `i32` or `externref`. */
export interface FuncType {
  /** One for each argument. */
  readonly params: readonly string[];
  /** One for each value that it returns. */
  readonly results: readonly string[];
}

/** Prints a function type as inspect does: `(i32, i32) -> (i32)`. */
export function formatFuncType(type: FuncType): string {
  return `(${type.params.join(", ")}) -> (${type.results.join(", ")})`;
}
