import type { Cursor } from "../cursor.ts";
import { checkLimit, type ImplementationLimit } from "../implementation_limits.ts";
import { indexOutOfRange } from "../read_errors.ts";
import type { Draft } from "./draft.ts";

/** What a count is compared with. */
export interface CountRule {
  readonly limit: ImplementationLimit;
  /** What cannot be read when there are too many. */
  readonly what: string;
  /** How many our limit counts in addition, see {@linkcode checkLimit}. */
  readonly before?: number;
}

/** Reads a count and checks it. It is a promise of the bytes: never allocate by it. */
export function readCount(cursor: Cursor, draft: Draft, rule: CountRule): number {
  const { what, before = 0 } = rule;
  const offset = cursor.position;
  const count = cursor.u32(what);
  checkLimit(draft.limits, rule.limit, count, { what, noun: "count", offset, before });
  return count;
}

/** Reads an index that must be below `size`. */
export function readIndex(cursor: Cursor, size: number, what: string): number {
  const offset = cursor.position;
  const index = cursor.u32(what);
  checkIndex(index, size, { what, offset });
  return index;
}

/** The check alone, for an index that the bytes imply. */
export function checkIndex(index: number, size: number, place: { what: string; offset: number }): void {
  if (index >= size) throw indexOutOfRange(place.what, index, size, place.offset);
}
