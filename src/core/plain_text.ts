import { cutText } from "./cut.ts";

/**
 * What is escaped before it reaches a log or a terminal: controls, and characters that hide or reorder what stands
 * beside them. Names inside a module are chosen by whoever wrote it.
 */
export const UNSAFE: RegExp =
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/**
 * Text of unknown origin as a message of its own, where quotes would say that it is a name: on one line, without what a
 * log or a terminal would take for more than text, cut where it is long.
 *
 * @param most UTF-16 units that are shown, before any is escaped
 */
export function plainText(text: string, most: number): string {
  return cutText(text, most).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
