import type { Cursor } from "../cursor.ts";
import { readIndex } from "./count.ts";
import type { Draft } from "./draft.ts";

export function readStartSection(cursor: Cursor, draft: Draft): void {
  const offset = cursor.position;
  draft.start = { index: readIndex(cursor, draft.functions.length, "start function"), offset };
}
