import { OperationError } from "../protocol/operations.ts";

/** Bytes that one read or write moves at most, so that none holds the broker for long. */
export const MOST_MOVED: number = 2 ** 20;

/**
 * Checks an offset or a size that a guest gave.
 *
 * @returns a whole number, 0 … 2^53-1
 * @throws {OperationError} `inval`
 */
export function checkAmount(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new OperationError("inval");
  return value;
}
