import type { Cursor } from "../cursor.ts";
import { unexpectedByte } from "../read_errors.ts";

/** A byte that is 0 for false or 1 for true. */
export function readFlag(cursor: Cursor, what: string): boolean {
  const offset = cursor.position;
  const byte = cursor.u8(what);
  if (byte > 1) throw unexpectedByte(what, byte, "0 or 1", offset);
  return byte === 1;
}

/** A byte that has one value only, room for what may come. */
export function readZero(cursor: Cursor, what: string): void {
  const offset = cursor.position;
  const byte = cursor.u8(what);
  if (byte !== 0) throw unexpectedByte(what, byte, "0", offset);
}
