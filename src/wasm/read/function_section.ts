import type { Cursor } from "../cursor.ts";
import { readCount } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readFunctionTypeIndex } from "./external_types.ts";

export function readFunctionSection(cursor: Cursor, draft: Draft): void {
  const before = draft.functions.length;
  const count = readCount(cursor, draft, { limit: "functions", what: 'section "function"', before });
  for (let item = 0; item < count; item++) {
    draft.functions.push(readFunctionTypeIndex(cursor, draft, "type of a function"));
  }
}
