/** Results as a person reads them, each with its type. */
import { floatText } from "../../core/float_text.ts";
import { printedText } from "./printed_text.ts";

/** A value and its type. */
export interface ShownResult {
  readonly type: string;
  readonly text: string;
}

/**
 * Reads results as the server keeps them: i64 and what JSON has no digits for as text.
 *
 * @param types of the function's results; where they are not known, values stand without
 */
export function shownResults(results: unknown, types: readonly string[] | undefined): ShownResult[] {
  if (!Array.isArray(results)) return [];
  return results.map((value: unknown, index) => {
    const type = types?.length === results.length ? types[index] ?? "" : "";
    return { type, text: resultText(value, type) };
  });
}

function resultText(value: unknown, type: string): string {
  if (typeof value === "number" && (type === "f32" || type === "f64")) return floatText(value, type);
  if (typeof value === "string") return printedText(value);
  return printedText(JSON.stringify(value));
}
