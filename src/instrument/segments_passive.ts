/** Sections of segments that V8 is not to apply: what was active becomes passive, and keeps its index, type and contents. */
import type { ByteWriter } from "../wasm/encoder.ts";
import type { Module, Section } from "../wasm/module.ts";
import { HEAP } from "../wasm/types.ts";

/** Bits of the number that opens an active element segment; see the reader of the section. */
const ACTIVE_FLAG = { explicit: 2, expressions: 4 } as const;

/** The number that opens a passive segment. */
const PASSIVE = { data: 1, functions: 1, expressions: 5 } as const;

/** The element kind of a segment that lists function indices. */
const FUNCTION_KIND = 0x00;

/** Writes the element section; declarative segments stay. */
export function writeElementSection(writer: ByteWriter, module: Module, section: Section): void {
  const { bytes, elements } = module;
  writer.section("element", () => {
    writer.u32(elements.length);
    for (const [index, segment] of elements.entries()) {
      const end = elements[index + 1]?.offset ?? section.end;
      if (segment.position === undefined) {
        writer.copy(bytes, segment.offset, end);
        continue;
      }
      // At most 7: all of it is in the first byte, however many the number has.
      const flags = bytes[segment.offset] ?? 0, expressions = (flags & ACTIVE_FLAG.expressions) !== 0;
      writer.u8(expressions ? PASSIVE.expressions : PASSIVE.functions);
      if ((flags & ACTIVE_FLAG.explicit) === 0) writer.u8(expressions ? HEAP.func : FUNCTION_KIND);
      writer.copy(bytes, segment.position.end, end);
    }
  });
}

/** Writes the data section. */
export function writeDataSection(writer: ByteWriter, module: Module): void {
  writer.section("data", () => {
    writer.u32(module.data.length);
    for (const { start, end } of module.data) {
      writer.u8(PASSIVE.data);
      writer.u32(end - start);
      writer.copy(module.bytes, start, end);
    }
  });
}

/** Writes the number of data segments, which code that names them has to know; a module without such code may lack it. */
export function writeDataCountSection(writer: ByteWriter, module: Module): void {
  writer.section("data count", () => writer.u32(module.data.length));
}
