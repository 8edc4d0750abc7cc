/** Reads the kinds and types that imports and definitions have in common. */
import type { Cursor } from "../cursor.ts";
import {
  EXTERNAL_KINDS,
  type ExternalKind,
  type GlobalType,
  type MemoryType,
  type TableType,
  type TagType,
} from "../module.ts";
import { unexpectedByte } from "../read_errors.ts";
import type { Draft } from "./draft.ts";
import { readFlag, readZero } from "./flag.ts";
import { readLimits } from "./limits.ts";
import { readRefType, readValueType } from "./value_types.ts";

const KINDS: ReadonlyMap<number, ExternalKind> = new Map(
  Object.entries(EXTERNAL_KINDS).map(([kind, code]) => [code, kind as ExternalKind]), // its keys are the kinds
);

/** What an import or export is of. */
export function readExternalKind(cursor: Cursor, what: string): ExternalKind {
  const offset = cursor.position;
  const byte = cursor.u8(what);
  const kind = KINDS.get(byte);
  if (kind === undefined) throw unexpectedByte(what, byte, "0 to 4", offset);
  return kind;
}

/** The type index of a function; it names a function type. */
export function readFunctionTypeIndex(cursor: Cursor, draft: Draft, what: string): number {
  const offset = cursor.position;
  const index = cursor.u32(what);
  draft.functionType(index, what, offset);
  return index;
}

/** A table without a value to start with. */
export function readTableType(cursor: Cursor, draft: Draft, offset: number): TableType {
  const element = readRefType(cursor, draft.types.length);
  const { min, max, index64 } = readLimits(cursor, "table");
  return { min, max, index64, element, init: undefined, offset };
}

export function readMemoryType(cursor: Cursor, offset: number): MemoryType {
  return { ...readLimits(cursor, "memory"), offset };
}

/** A global without a value. */
export function readGlobalType(cursor: Cursor, draft: Draft, offset: number): GlobalType {
  const type = readValueType(cursor, draft.types.length);
  return { type, mutable: readFlag(cursor, "mutability"), init: undefined, offset };
}

export function readTagType(cursor: Cursor, draft: Draft, offset: number): TagType {
  readZero(cursor, "attribute of a tag");
  return { typeIndex: readFunctionTypeIndex(cursor, draft, "type of a tag"), offset };
}
