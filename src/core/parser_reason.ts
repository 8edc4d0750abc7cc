import { plainText } from "./plain_text.ts";

/** UTF-16 units of what a parser says. */
const LONGEST_REASON = 300;

/**
 * What a parser of text says of what it could not read, as a part of a message of ours: the first line, cut where it is long.
 * V8 repeats in its message what it could not read, whatever that is, so control characters are escaped.
 */
export function parserReason(error: unknown): string {
  const said = error instanceof Error ? error.message.split("\n", 1)[0] ?? "" : String(error);
  return plainText(said, LONGEST_REASON);
}
