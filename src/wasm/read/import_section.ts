import type { Cursor } from "../cursor.ts";
import { checkLimit } from "../implementation_limits.ts";
import type { ExternalKind } from "../module.ts";
import { readCount } from "./count.ts";
import type { Draft } from "./draft.ts";
import {
  readExternalKind,
  readFunctionTypeIndex,
  readGlobalType,
  readMemoryType,
  readTableType,
  readTagType,
} from "./external_types.ts";

const SECTION = 'section "import"';

/** Adds the import to the index space of its kind. */
const READERS: Record<ExternalKind, (cursor: Cursor, draft: Draft, offset: number) => void> = {
  function: (cursor, draft) =>
    draft.functions.push(readFunctionTypeIndex(cursor, draft, "type of an import")),
  table: (cursor, draft, offset) => draft.tables.push(readTableType(cursor, draft, offset)),
  memory: (cursor, draft, offset) => draft.memories.push(readMemoryType(cursor, offset)),
  global: (cursor, draft, offset) => draft.globals.push(readGlobalType(cursor, draft, offset)),
  tag: (cursor, draft, offset) => draft.tags.push(readTagType(cursor, draft, offset)),
};

const SPACE_LIMITS = {
  function: "functions",
  table: "tables",
  memory: "memories",
  global: "globals",
  tag: "tags",
} as const satisfies Record<ExternalKind, string>;

export function readImportSection(cursor: Cursor, draft: Draft): void {
  const count = readCount(cursor, draft, { limit: "imports", what: SECTION });
  for (let item = 0; item < count; item++) {
    const offset = cursor.position;
    const module = cursor.name("module name of an import");
    const name = cursor.name("name of an import");
    const kind = readExternalKind(cursor, "kind of an import");
    const index = draft.count(kind);
    checkLimit(draft.limits, SPACE_LIMITS[kind], index + 1, { what: SECTION, noun: `${kind} count`, offset });
    READERS[kind](cursor, draft, offset);
    draft.imported[kind] = index + 1;
    draft.imports.push({ module, name, kind, index, offset });
  }
}
