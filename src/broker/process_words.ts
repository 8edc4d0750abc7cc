import { OperationError } from "../protocol/operations.ts";

/** Words that a guest may add to a command, and their bytes together. */
const MOST_WORDS = 1000, MOST_BYTES = 64 * 1024;

/**
 * The words of a guest, each with a NUL behind it; so none holds one, and an empty word is a word.
 *
 * @throws {OperationError} `toobig`, or `inval` where the last NUL is missing
 */
export function readWords(text: string): string[] {
  if (new TextEncoder().encode(text).length > MOST_BYTES) throw new OperationError("toobig");
  const words = text.split("\0"), rest = words.pop();
  if (rest !== "") throw new OperationError("inval");
  if (words.length > MOST_WORDS) throw new OperationError("toobig");
  return words;
}
