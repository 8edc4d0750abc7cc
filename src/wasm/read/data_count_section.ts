import type { Cursor } from "../cursor.ts";
import { readCount } from "./count.ts";
import type { Draft } from "./draft.ts";

/** The number of data segments, ahead of the code that names them; compared with theirs at the end. */
export function readDataCountSection(cursor: Cursor, draft: Draft): void {
  draft.dataCount = readCount(cursor, draft, { limit: "data", what: 'section "data count"' });
}
