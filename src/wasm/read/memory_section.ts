import type { Cursor } from "../cursor.ts";
import { readCount } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readMemoryType } from "./external_types.ts";

export function readMemorySection(cursor: Cursor, draft: Draft): void {
  const before = draft.memories.length;
  const count = readCount(cursor, draft, { limit: "memories", what: 'section "memory"', before });
  for (let item = 0; item < count; item++) draft.memories.push(readMemoryType(cursor, cursor.position));
}
