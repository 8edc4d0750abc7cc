import type { Json } from "../../core/json.ts";
import type { CallValue } from "../../core/value.ts";

/** A value of a call as the server takes it: i64 as decimal text, and what JSON has no digits for as `"nan"` and the like. */
export function argumentJson(value: CallValue): Json {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "number") return value as Json; // text, or what JSON.parse() gave
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Object.is(value, -0) ? "-0" : value;
}
