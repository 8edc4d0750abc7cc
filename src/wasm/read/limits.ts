import type { Cursor } from "../cursor.ts";
import { IMPLEMENTATION_LIMITS } from "../implementation_limits.ts";
import type { Limits64 } from "../module.ts";
import { mismatch, tooMany, unexpectedByte } from "../read_errors.ts";

/** Bits of the flags before limits. */
const FLAG = { maximum: 1, shared: 2, index64: 4 } as const;

/** What limits are of; V8 knows no shared tables, and does not limit the maximum of a table. */
export type LimitedKind = "memory" | "table";

/** Reads flags, minimum and maximum. */
export function readLimits(cursor: Cursor, kind: LimitedKind): Limits64 & { readonly shared: boolean } {
  const what = `limits of a ${kind}`;
  const start = cursor.position;
  const flags = cursor.u8(what);
  const known = kind === "memory" ? { bits: 7, text: "at most 7" } : { bits: 5, text: "0, 1, 4 or 5" };
  if ((flags & ~known.bits) !== 0) throw unexpectedByte(`flags of a ${kind}`, flags, known.text, start);
  const index64 = (flags & FLAG.index64) !== 0;
  const shared = (flags & FLAG.shared) !== 0;
  if (shared && (flags & FLAG.maximum) === 0) {
    throw mismatch(`flags of a ${kind}`, "what is shared needs a maximum", start);
  }
  const min = readSize(cursor, what, index64, minimumLimit(kind, index64));
  if ((flags & FLAG.maximum) === 0) return { min, max: undefined, index64, shared };
  const maximumStart = cursor.position;
  const max = readSize(cursor, what, index64, kind === "memory" ? minimumLimit(kind, index64) : Infinity);
  if (max < min) throw mismatch(what, `maximum ${max} is below minimum ${min}`, maximumStart);
  return { min, max, index64, shared };
}

function minimumLimit(kind: LimitedKind, index64: boolean): number {
  if (kind === "table") return IMPLEMENTATION_LIMITS.tableMinimum.engine;
  return (index64 ? IMPLEMENTATION_LIMITS.memory64Pages : IMPLEMENTATION_LIMITS.memoryPages).engine;
}

function readSize(cursor: Cursor, what: string, index64: boolean, limit: number): bigint {
  const start = cursor.position;
  const size = index64 ? cursor.u64(what) : BigInt(cursor.u32(what));
  if (size > limit) throw tooMany(what, "size", size, limit, start);
  return size;
}
