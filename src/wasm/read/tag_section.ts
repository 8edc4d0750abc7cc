import type { Cursor } from "../cursor.ts";
import { readCount } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readTagType } from "./external_types.ts";

export function readTagSection(cursor: Cursor, draft: Draft): void {
  const before = draft.tags.length;
  const count = readCount(cursor, draft, { limit: "tags", what: 'section "tag"', before });
  for (let item = 0; item < count; item++) draft.tags.push(readTagType(cursor, draft, cursor.position));
}
