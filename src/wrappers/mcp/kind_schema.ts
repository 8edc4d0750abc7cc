/** Values of a signature as JSON Schema describes them, and as JSON carries them: exact in both directions. */
import { floatText } from "../../core/float_text.ts";
import type { Kind } from "../../core/signature.ts";
import { quote } from "../../core/quote.ts";
import type { CallValue } from "../../core/value.ts";
import type { JsonSchema } from "./schema.ts";

/** Numbers that JSON has none for, and the one that it loses. */
const UNSAYABLE_FLOATS = ["nan", "inf", "-inf", "-0"] as const;

const FLOAT: JsonSchema = { anyOf: [{ type: "number" }, { enum: UNSAYABLE_FLOATS }] };

/** What a parameter of a kind is described as. */
const PARAMETERS: Readonly<Record<Kind, JsonSchema>> = {
  i32: { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 32 - 1 },
  // Readers of JSON round what is larger, so a number may say what a double holds, and a text the rest.
  i64: {
    anyOf: [
      { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
      { type: "string", format: "int64", description: "The same in decimal, for all of 64 bits" },
    ],
  },
  f32: FLOAT,
  f64: FLOAT,
  string: { type: "string" },
  bytes: { type: "string", contentEncoding: "base64" },
  json: {},
  msgpack: {},
};

/** A result is always the same: an i64 is text, since what reads it may round numbers. */
const RESULTS: Readonly<Record<Kind, JsonSchema>> = {
  ...PARAMETERS,
  i32: { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  i64: { type: "string", format: "int64" },
};

/** The schema of an argument. */
export function parameterSchema(kind: Kind): JsonSchema {
  return PARAMETERS[kind];
}

/** The schema of a result. */
export function resultSchema(kind: Kind): JsonSchema {
  return RESULTS[kind];
}

/** A value for a call, or what is wrong with it. */
export type Converted = { readonly value: CallValue } | { readonly problem: string };

const LARGEST_I64 = 2n ** 64n - 1n, SMALLEST_I64 = -(2n ** 63n);

/** An argument as the call takes it. @param given what `PARAMETERS` has been checked for, or a module's own schema */
export function argumentOf(kind: Kind, given: unknown): Converted {
  switch (kind) {
    case "i32":
      return Number.isInteger(given) && Number(given) >= -(2 ** 31) && Number(given) < 2 ** 32
        ? { value: Number(given) }
        : { problem: "is no whole number of 32 bits" };
    case "i64":
      return wideInteger(given);
    case "f32":
    case "f64":
      return float(given);
    case "string":
      return typeof given === "string" && given.isWellFormed() ? { value: given } : { problem: "is no text" };
    case "bytes":
      return bytes(given);
    case "json":
    case "msgpack":
      return { value: (given ?? null) as CallValue }; // JSON has brought it
  }
}

function wideInteger(given: unknown): Converted {
  if (typeof given === "number") {
    return Number.isSafeInteger(given)
      ? { value: BigInt(given) }
      : { problem: "is no whole number that JSON holds: give it as text, in decimal" };
  }
  const value = typeof given === "string" && /^-?\d{1,20}$/.test(given) ? BigInt(given) : undefined;
  return value !== undefined && value >= SMALLEST_I64 && value <= LARGEST_I64
    ? { value }
    : { problem: "is no whole number of 64 bits" };
}

function float(given: unknown): Converted {
  if (typeof given === "number") return { value: given };
  switch (given) {
    case "nan":
      return { value: NaN };
    case "inf":
      return { value: Infinity };
    case "-inf":
      return { value: -Infinity };
    case "-0":
      return { value: -0 };
  }
  return { problem: `is no number: beside those there are ${UNSAYABLE_FLOATS.map(quote).join(", ")}` };
}

function bytes(given: unknown): Converted {
  if (typeof given !== "string") return { problem: "is no text in base64" };
  try {
    return { value: Uint8Array.fromBase64(given) };
  } catch {
    return { problem: "is no base64" };
  }
}

/** A result as JSON has it. Bytes in structured values are base64, whole numbers of any size decimal text. */
export function resultJson(kind: Kind, value: CallValue): unknown {
  if (kind === "f32" || kind === "f64") {
    const text = floatText(Number(value), kind);
    return (UNSAYABLE_FLOATS as readonly string[]).includes(text) ? text : Number(text);
  }
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return value.toBase64();
  if (kind !== "msgpack") return value;
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return part.toBase64();
    return typeof part === "bigint" ? String(part) : part;
  }));
}
