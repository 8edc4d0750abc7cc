/** Values of the guest as text and as JSON, exact: what is printed can be given back as an argument. */
import type { Value } from "../core/value.ts";
import type { Json } from "./json.ts";

/** The shortest decimal that reads back to the same single-precision number; a double's text would show its noise. */
function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function floatText(value: number, type: string): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0";
  return String(type === "f32" ? shortestFloat32(value) : value);
}

/** Prints a value of the type with this name: `-17`, `0.1`, `-0`, `nan`, `inf`. */
export function valueText(value: Value, type: string): string {
  return typeof value === "bigint" ? String(value) : floatText(value, type);
}

/**
 * A value as JSON. Numbers where JSON has them: i32 and finite floats. Text where a reader could lose something: every
 * i64, `"nan"`, `"inf"`, `"-inf"`, `"-0"`.
 */
export function valueJson(value: Value, type: string): Json {
  const text = valueText(value, type);
  const exact = typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0);
  return exact ? Number(text) : text;
}
