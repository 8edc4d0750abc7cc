import type { Module, Section } from "../wasm/module.ts";

/** The count and the bytes of the entries of a vector section that was read before; none for a section that is absent. */
export function sectionEntries(
  module: Module,
  section: Section | undefined,
): { count: number; entries: Uint8Array } {
  if (section === undefined) return { count: 0, entries: new Uint8Array() };
  let count = 0, start = section.start;
  for (let scale = 1;; scale *= 128) {
    const byte = module.bytes[start++] ?? 0;
    count += (byte & 0x7f) * scale;
    if (byte < 0x80) return { count, entries: module.bytes.subarray(start, section.end) };
  }
}
