/** Values of the guest as text and as JSON, exact: what is printed can be given back as an argument. */
import { floatText } from "../core/float_text.ts";
import type { Json } from "../core/json.ts";
import { isContentKind } from "../core/signature.ts";
import type { CallValue } from "../core/value.ts";
import { printable, printableJson } from "./printable.ts";

/** Bytes as hexadecimal digits. */
function hexText(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** Structured values as JSON has them; what it has not, MessagePack may: bytes, and whole numbers of any size. */
function structured(value: CallValue): Json {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return hexText(part);
    return typeof part === "bigint" ? String(part) : part;
  });
  return JSON.parse(text ?? "null") as Json; // it was just written
}

/**
 * Prints a value of the type or kind with this name: `-17`, `0.1`, `-0`, `nan`, `inf`; text as it is but for what drives a
 * terminal, bytes in hexadecimal, structured values as JSON.
 */
export function valueText(value: CallValue, type: string): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !isContentKind(type)) return floatText(value, type);
  if (type === "string") return printable(String(value));
  if (value instanceof Uint8Array && type === "bytes") return hexText(value);
  return printableJson(JSON.stringify(structured(value)));
}

/**
 * A value as JSON. Numbers where JSON has them: i32 and finite floats. Text where a reader could lose something: every
 * i64, `"nan"`, `"inf"`, `"-inf"`, `"-0"`. Text as it is, bytes in hexadecimal.
 */
export function valueJson(value: CallValue, type: string): Json {
  if (type === "string") return String(value);
  if (isContentKind(type) && type !== "bytes") return structured(value);
  const text = valueText(value, type);
  const exact = typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0);
  return exact ? Number(text) : text;
}
