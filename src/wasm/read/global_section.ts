import type { Cursor } from "../cursor.ts";
import { readConstantExpression } from "./constant_expression.ts";
import { readCount } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readGlobalType } from "./external_types.ts";

export function readGlobalSection(cursor: Cursor, draft: Draft): void {
  const before = draft.globals.length;
  const count = readCount(cursor, draft, { limit: "globals", what: 'section "global"', before });
  for (let item = 0; item < count; item++) {
    const type = readGlobalType(cursor, draft, cursor.position);
    draft.globals.push({ ...type, init: readConstantExpression(cursor, draft) });
  }
}
