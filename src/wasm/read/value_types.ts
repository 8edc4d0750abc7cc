/** Reads value types, heap types and storage types: the one place that knows their bytes. */
import type { Cursor } from "../cursor.ts";
import { IMPLEMENTATION_LIMITS } from "../implementation_limits.ts";
import { indexOutOfRange, unexpectedByte } from "../read_errors.ts";
import {
  abstractRef,
  concreteRef,
  F32,
  F64,
  I16,
  I32,
  I64,
  I8,
  isHeapCode,
  V128,
  type ValueType,
} from "../types.ts";

const REF_NULL = 0x63;
const REF = 0x64;

/** More types than any module can have: the bound where the validator, and not the reader, checks type indices. */
export const ANY_TYPE_INDEX = IMPLEMENTATION_LIMITS.types.engine;

/** A heap type, as the reference type to it. Type indices must be below `typeBound`. */
export function readHeapType(cursor: Cursor, nullable: boolean, typeBound: number): ValueType {
  const start = cursor.position;
  const code = cursor.s33("heap type");
  if (code >= 0) {
    if (code >= typeBound) throw indexOutOfRange("heap type", code, typeBound, start);
    return concreteRef(code, nullable);
  }
  const byte = code & 0x7f;
  // Codes are one byte; a longer number of the same value is none of them.
  if (cursor.position !== start + 1 || !isHeapCode(byte)) throw notAType("heap type", cursor, start);
  return abstractRef(byte, nullable);
}

/** A value type. Type indices must be below `typeBound`. */
export function readValueType(cursor: Cursor, typeBound: number): ValueType {
  const start = cursor.position;
  const byte = cursor.u8("value type");
  switch (byte) {
    case I32:
    case I64:
    case F32:
    case F64:
    case V128:
      return byte;
    case REF_NULL:
      return readHeapType(cursor, true, typeBound);
    case REF:
      return readHeapType(cursor, false, typeBound);
    default:
      if (isHeapCode(byte)) return abstractRef(byte, true);
      throw notAType("value type", cursor, start);
  }
}

/** A reference type. Type indices must be below `typeBound`. */
export function readRefType(cursor: Cursor, typeBound: number): ValueType {
  const start = cursor.position;
  const byte = cursor.u8("reference type");
  if (byte === REF_NULL || byte === REF) return readHeapType(cursor, byte === REF_NULL, typeBound);
  if (isHeapCode(byte)) return abstractRef(byte, true);
  throw notAType("reference type", cursor, start);
}

/** The type of a field: a value type or a packed type. */
export function readStorageType(cursor: Cursor, typeBound: number): ValueType {
  const byte = cursor.peek();
  if (byte === I8 || byte === I16) {
    cursor.position++;
    return byte;
  }
  return readValueType(cursor, typeBound);
}

function notAType(what: string, cursor: Cursor, start: number): Error {
  return unexpectedByte(what, cursor.bytes[start] ?? 0, `a ${what}`, start);
}
