import type { Cursor } from "../cursor.ts";
import type { ByteRange, ElementSegment, SegmentMode } from "../module.ts";
import { unexpectedByte } from "../read_errors.ts";
import { abstractRef, FUNCREF, HEAP, type ValueType } from "../types.ts";
import { readConstantExpression } from "./constant_expression.ts";
import { checkIndex, readCount, readIndex } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readZero } from "./flag.ts";
import { readRefType } from "./value_types.ts";

/**
 * Bits of the number that opens a segment. Bit 1 means two things:
 *
 *     bit 0 clear   active        bit 1: table index and type are given (else table 0 and funcref)
 *     bit 0 set     bit 1 clear: passive, bit 1 set: declarative; the type is given
 *     bit 2         elements are expressions, not function indices
 */
const FLAG = { notActive: 1, explicitOrDeclarative: 2, expressions: 4 } as const;

const NON_NULL_FUNCREF = abstractRef(HEAP.func, false);

const TABLE = "table of an element segment";
const ENTRIES = "entries of an element segment";

export function readElementSection(cursor: Cursor, draft: Draft): void {
  const count = readCount(cursor, draft, { limit: "elements", what: 'section "element"' });
  let entries = 0;
  for (let item = 0; item < count; item++) {
    const segment = readSegment(cursor, draft, entries);
    entries += segment.functions?.length ?? segment.expressions?.length ?? 0;
    draft.elements.push(segment);
  }
}

function readSegment(cursor: Cursor, draft: Draft, entriesBefore: number): ElementSegment {
  const offset = cursor.position;
  const flags = cursor.u32("flags of an element segment");
  if (flags > 7) throw unexpectedByte("flags of an element segment", flags, "at most 7", offset);
  const mode = modeOf(flags);
  const explicitTable = mode === "active" && (flags & FLAG.explicitOrDeclarative) !== 0;
  let table = 0;
  let position: ByteRange | undefined;
  if (mode === "active") {
    if (explicitTable) table = readIndex(cursor, draft.tables.length, TABLE);
    else checkIndex(0, draft.tables.length, { what: TABLE, offset });
    position = readConstantExpression(cursor, draft);
  }
  const explicitType = mode !== "active" || explicitTable;
  const rule = { limit: "elementEntries", what: ENTRIES, before: entriesBefore } as const;
  if ((flags & FLAG.expressions) === 0) {
    if (explicitType) readZero(cursor, "kind of an element segment");
    const functions: number[] = [];
    const count = readCount(cursor, draft, rule);
    for (let entry = 0; entry < count; entry++) {
      functions.push(readIndex(cursor, draft.functions.length, "function of an element segment"));
    }
    return { mode, table, position, type: NON_NULL_FUNCREF, functions, expressions: undefined, offset };
  }
  const type: ValueType = explicitType ? readRefType(cursor, draft.types.length) : FUNCREF;
  const expressions: ByteRange[] = [];
  const count = readCount(cursor, draft, rule);
  for (let entry = 0; entry < count; entry++) expressions.push(readConstantExpression(cursor, draft));
  return { mode, table, position, type, functions: undefined, expressions, offset };
}

function modeOf(flags: number): SegmentMode {
  if ((flags & FLAG.notActive) === 0) return "active";
  return (flags & FLAG.explicitOrDeclarative) === 0 ? "passive" : "declarative";
}
