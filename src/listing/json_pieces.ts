/**
 * JSON in pieces that each end a line, so that a list of millions is never held: as one document with a list in it, or as a
 * line for each item.
 */
import type { Json } from "../core/json.ts";
import { escapeUnits, UNSAFE } from "../core/plain_text.ts";

/** What has nothing in it that could have to be escaped: the line of almost every instruction. */
const PLAIN = /^[\x20-\x7e]*$/;

/** One value on one line, without what a terminal would take for more than text. */
export function jsonLine(value: Json): string {
  const text = JSON.stringify(value);
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escapeUnits);
}

/** A document with one list, whose items are made as they are printed. */
export function* jsonList(name: string, items: Iterable<Json>): Generator<string, void> {
  yield `{\n  ${jsonLine(name)}: [`;
  let first = true;
  for (const item of items) {
    yield `${first ? "" : ","}\n    ${jsonLine(item)}`;
    first = false;
  }
  yield `${first ? "" : "\n  "}]\n}\n`;
}

/** A line for each item. */
export function* jsonLines(items: Iterable<Json>): Generator<string, void> {
  for (const item of items) yield `${jsonLine(item)}\n`;
}
