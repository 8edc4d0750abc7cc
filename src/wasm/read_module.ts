/**
 * Stage 1: bytes to {@linkcode Module}. Each check lives in one place:
 *
 *     here           magic, version, order and size of sections, LEB128, UTF-8, flag bytes, limits, duplicate export
 *                    names, minimum above maximum, counts that must agree (functions and bodies, data count and
 *                    segments); every index outside of instructions: that it is in range, and for functions, imports
 *                    and tags that it names a function type; that supertypes stand before their subtypes
 *     the validator  instructions; constant expressions with the indices in them; subtyping; signature of the start
 *                    function and of tags; types of segments and tables; tables that need a value and have none
 *
 * Time is linear in the bytes. A count is never trusted: nothing is allocated by it, and a loop over it ends with the
 * bytes. Nothing recurs.
 */
import { Cursor } from "./cursor.ts";
import { checkLimit, READ_LIMITS, type ReadLimits } from "./implementation_limits.ts";
import type { Module } from "./module.ts";
import { mismatch, unexpectedByte } from "./read_errors.ts";
import { readCodeSection } from "./read/code_section.ts";
import { readCustomSection } from "./read/custom_section.ts";
import { readDataCountSection } from "./read/data_count_section.ts";
import { readDataSection } from "./read/data_section.ts";
import { Draft } from "./read/draft.ts";
import { readElementSection } from "./read/element_section.ts";
import { readExportSection } from "./read/export_section.ts";
import { readFunctionSection } from "./read/function_section.ts";
import { readGlobalSection } from "./read/global_section.ts";
import { readImportSection } from "./read/import_section.ts";
import { readMemorySection } from "./read/memory_section.ts";
import { readStartSection } from "./read/start_section.ts";
import { readTableSection } from "./read/table_section.ts";
import { readTagSection } from "./read/tag_section.ts";
import { readTypeSection } from "./read/type_section.ts";
import { type SectionName, SECTIONS } from "./sections.ts";

const MAGIC = 0x6d736100; // "\0asm", read as one little-endian number
const VERSION = 1;

const READERS: Record<SectionName, (cursor: Cursor, draft: Draft, offset: number) => void> = {
  custom: readCustomSection,
  type: readTypeSection,
  import: readImportSection,
  function: readFunctionSection,
  table: readTableSection,
  memory: readMemorySection,
  tag: readTagSection,
  global: readGlobalSection,
  export: readExportSection,
  start: readStartSection,
  element: readElementSection,
  "data count": readDataCountSection,
  code: readCodeSection,
  data: readDataSection,
};

/**
 * Reads a module. The bytes must not change afterwards: the module refers to them.
 *
 * @param limits what is refused for its size, by default what instrumentation would make too large for V8
 * @throws {ModuleInvalidError} if the bytes are no module
 * @throws {ModuleRefusedError} if one of our limits is exceeded
 */
export function readModule(bytes: Uint8Array, limits: ReadLimits = READ_LIMITS): Module {
  checkLimit(limits, "moduleBytes", bytes.length, { what: "module", noun: "size", offset: 0 });
  const draft = new Draft(bytes, limits);
  const cursor = new Cursor(bytes);
  readHeader(cursor);
  let lastOrder = 0;
  while (cursor.position < bytes.length) {
    const offset = cursor.position;
    const id = cursor.u8("section");
    const row = SECTIONS[id];
    if (row === undefined) throw unexpectedByte("section", id, "the id of a section, at most 13", offset);
    const { name, order } = row;
    if (order > 0 && order <= lastOrder) {
      const reason = order === lastOrder ? "it stands there twice" : "it is out of order";
      throw mismatch(`section "${name}"`, reason, offset);
    }
    lastOrder = Math.max(lastOrder, order);
    const size = cursor.u32(`size of section "${name}"`);
    const start = cursor.skip(size, `section "${name}"`);
    const end = start + size;
    draft.sections.push({ id, offset, start, end });
    cursor.position = start;
    cursor.limit = end;
    READERS[name](cursor, draft, offset);
    if (cursor.position !== end) {
      throw mismatch(`section "${name}"`, `${end - cursor.position} bytes are left over`, cursor.position);
    }
    cursor.limit = bytes.length;
  }
  checkCounts(draft);
  return draft;
}

function readHeader(cursor: Cursor): void {
  if (readWord(cursor, "magic number") !== MAGIC) {
    throw mismatch("magic number", "a module begins with 00 61 73 6d", 0);
  }
  const version = readWord(cursor, "version");
  if (version !== VERSION) throw mismatch("version", `version ${version} must be 1`, 4);
}

function readWord(cursor: Cursor, what: string): number {
  let word = 0;
  for (let shift = 0; shift < 32; shift += 8) word |= cursor.u8(what) << shift;
  return word >>> 0;
}

/** What two sections say about each other, once both were seen. */
function checkCounts(draft: Draft): void {
  const end = draft.bytes.length;
  const declared = draft.functions.length - draft.imported.function;
  if (draft.bodies.length !== declared) {
    throw mismatch('section "code"', `it is missing, and ${declared} functions are declared`, end);
  }
  if (draft.dataCount !== undefined && draft.dataCount !== draft.data.length) {
    const reason = `${draft.data.length} segments stand against a data count of ${draft.dataCount}`;
    throw mismatch('section "data"', reason, end);
  }
}
