import { floatText } from "../../core/float_text.ts";
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

/** The same as a word: what is typed on a form, or on a command line. */
export function argumentWord(value: Json, kind: string): string {
  if (kind === "json" || kind === "msgpack") return JSON.stringify(value);
  if (typeof value !== "number") return String(value);
  return kind === "f32" || kind === "f64" ? floatText(value, kind) : String(value);
}
