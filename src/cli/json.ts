import { type Json, jsonNumber } from "../core/json.ts";
import type { Format } from "./flags/setting_flags.ts";
import { printableJson } from "./printable.ts";

/** Milliseconds to the microsecond: what lies below is noise. */
export function jsonTime(milliseconds: number): Json {
  return jsonNumber(Number.isInteger(milliseconds) ? milliseconds : Math.round(milliseconds * 1000) / 1000);
}

/** One document, with its line break. */
export function jsonText(document: Json, format: Exclude<Format, "human">): string {
  return `${printableJson(JSON.stringify(document, null, format === "json" ? 2 : 0))}\n`;
}
