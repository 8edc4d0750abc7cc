import type { Cursor } from "../cursor.ts";
import { readConstantExpression } from "./constant_expression.ts";
import { readCount } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readTableType } from "./external_types.ts";
import { readZero } from "./flag.ts";

/** Opens a table that says what its elements are at the start. */
const WITH_INIT = 0x40;

export function readTableSection(cursor: Cursor, draft: Draft): void {
  const before = draft.tables.length;
  const count = readCount(cursor, draft, { limit: "tables", what: 'section "table"', before });
  for (let item = 0; item < count; item++) {
    const offset = cursor.position;
    if (cursor.peek() !== WITH_INIT) {
      draft.tables.push(readTableType(cursor, draft, offset));
      continue;
    }
    cursor.position++;
    readZero(cursor, "reserved byte of a table");
    const type = readTableType(cursor, draft, offset);
    draft.tables.push({ ...type, init: readConstantExpression(cursor, draft) });
  }
}
