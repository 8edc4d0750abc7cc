import type { Cursor } from "../cursor.ts";
import { checkLimit } from "../implementation_limits.ts";
import type { Draft } from "./draft.ts";

/** Reads the name of a custom section; its payload means nothing to the reader, and may hold anything. */
export function readCustomSection(cursor: Cursor, draft: Draft, offset: number): void {
  const count = draft.customs.length + 1;
  checkLimit(draft.limits, "customSections", count, { what: "custom section", noun: "count", offset });
  const name = cursor.name("name of a custom section");
  draft.customs.push({ name, offset, start: cursor.position, end: cursor.limit });
  cursor.position = cursor.limit;
}
