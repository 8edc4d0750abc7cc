import { cutText } from "./cut.ts";

/**
 * What is escaped before it reaches a log or a terminal: controls, and characters that hide or reorder what stands
 * beside them, or that nobody sees, such as tags, which spell text of their own. Names inside a module are chosen by
 * whoever wrote it.
 */
export const UNSAFE: RegExp =
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}|\p{Cs}/gu;

/** What JSON writes for a character that it escapes: each UTF-16 unit as four digits. */
export function escapeUnits(character: string): string {
  let escaped = "";
  for (let at = 0; at < character.length; at++) {
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}

/** The shorter form for logs and terminals: `\\x1b`, or as {@linkcode escapeUnits} does it. */
export function escapeShort(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : escapeUnits(character);
}

/**
 * Text of unknown origin as a message of its own, where quotes would say that it is a name: on one line, without what a
 * log or a terminal would take for more than text, cut where it is long.
 *
 * @param most UTF-16 units that are shown, before any is escaped
 */
export function plainText(text: string, most: number): string {
  return cutText(text, most).replace(UNSAFE, escapeUnits);
}
