/**
 * Texts that a module brings for people and models to read: titles, descriptions, names. Whoever made the module chose
 * them, so they are shown without what would hide or reorder what stands beside it, and cut where they are long.
 */
import { cutText } from "../../core/cut.ts";

/**
 * Controls but for tab and line feed; characters that show nothing, among them the tags in which whole sentences can be
 * hidden; bidirectional controls; separators of lines; lone surrogates.
 */
const HIDDEN =
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}|\p{Cs}/gu;

/** Characters of each text that are kept. */
export const LONGEST_TEXT = {
  title: 200,
  description: 4000,
  instructions: 8000,
} as const;

/** Whether a text has something in it that would not be shown, or would turn what stands beside it. */
export function hasHidden(text: string): boolean {
  return text.search(HIDDEN) >= 0;
}

/** The text for several lines. @param most UTF-16 units that are kept */
export function cleanText(text: string, most: number): string {
  // Cut first: what is cut away need not be looked at.
  return cutText(text, most).replace(/\r\n?/g, "\n").replace(HIDDEN, "").trim();
}

/** The same on one line. */
export function cleanLine(text: string, most: number): string {
  return cleanText(text, most).replace(/\s+/g, " ");
}
