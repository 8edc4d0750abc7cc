import { quote } from "../../core/quote.ts";
import type { Cursor } from "../cursor.ts";
import { mismatch } from "../read_errors.ts";
import { readCount, readIndex } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readExternalKind } from "./external_types.ts";

export function readExportSection(cursor: Cursor, draft: Draft): void {
  // Instrumentation exports all memories and tables.
  const before = draft.memories.length + draft.tables.length;
  const count = readCount(cursor, draft, { limit: "exports", what: 'section "export"', before });
  const names = new Set<string>();
  for (let item = 0; item < count; item++) {
    const offset = cursor.position;
    const name = cursor.name("name of an export");
    if (names.size === names.add(seeded(name)).size) {
      throw mismatch('section "export"', `name ${quote(name)} is taken`, offset);
    }
    const kind = readExternalKind(cursor, "kind of an export");
    const index = readIndex(cursor, draft.count(kind), `exported ${kind}`);
    draft.exports.push({ name, kind, index, offset });
  }
}

/**
 * V8 hashes text that spells a number by its value, without a seed: 100,000 exports named by multiples of 2^17 kept a
 * set busy for ten seconds. With a letter in front the seed counts.
 */
function seeded(name: string): string {
  return `n${name}`;
}
