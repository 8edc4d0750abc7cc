import type { Cursor } from "../cursor.ts";
import type { ByteRange } from "../module.ts";
import { unexpectedByte } from "../read_errors.ts";
import { readConstantExpression } from "./constant_expression.ts";
import { checkIndex, readCount, readIndex } from "./count.ts";
import type { Draft } from "./draft.ts";

/** The number that opens a segment. */
const FORM = { active: 0, passive: 1, activeWithMemory: 2 } as const;

const MEMORY = "memory of a data segment";

export function readDataSection(cursor: Cursor, draft: Draft): void {
  const count = readCount(cursor, draft, { limit: "data", what: 'section "data"' });
  for (let item = 0; item < count; item++) {
    const offset = cursor.position;
    const form = cursor.u32("flags of a data segment");
    if (form > FORM.activeWithMemory) {
      throw unexpectedByte("flags of a data segment", form, "at most 2", offset);
    }
    let memory = 0;
    let position: ByteRange | undefined;
    if (form !== FORM.passive) {
      if (form === FORM.activeWithMemory) memory = readIndex(cursor, draft.memories.length, MEMORY);
      else checkIndex(0, draft.memories.length, { what: MEMORY, offset });
      position = readConstantExpression(cursor, draft);
    }
    const length = cursor.u32("length of a data segment");
    const start = cursor.skip(length, "data segment");
    const mode = form === FORM.passive ? "passive" : "active";
    draft.data.push({ mode, memory, position, start, end: start + length, offset });
  }
}
