import type { Format } from "./flags.ts";
import { printableJson } from "./printable.ts";

/** What the JSON outputs are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An amount as a JSON number where a reader's double holds it exactly, else as its decimal text. */
export function jsonNumber(amount: number | bigint): Json {
  if (typeof amount === "number") return Number.isFinite(amount) ? amount : String(amount);
  return amount <= Number.MAX_SAFE_INTEGER && amount >= Number.MIN_SAFE_INTEGER
    ? Number(amount)
    : String(amount);
}

/** Milliseconds to the microsecond: what lies below is noise. */
export function jsonTime(milliseconds: number): Json {
  return jsonNumber(Number.isInteger(milliseconds) ? milliseconds : Math.round(milliseconds * 1000) / 1000);
}

/** One document, with its line break. */
export function jsonText(document: Json, format: Exclude<Format, "human">): string {
  return `${printableJson(JSON.stringify(document, null, format === "json" ? 2 : 0))}\n`;
}
