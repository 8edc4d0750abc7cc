/** The texts of a module, a line each: where, how encoded, what. */
import { cutText } from "../core/cut.ts";
import { quoteUpTo } from "../core/quote.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { DataSegment, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";
import { sectionTitle } from "./section_parts.ts";
import { findTexts, type FoundText } from "./strings.ts";

/** UTF-16 units of a text that are shown: one may be as long as the module. */
const LONGEST = 1000;

/** Bytes that hold so many: four a character at most. */
const LONGEST_BYTES = 4 * LONGEST + 4;

const DECODERS = { "utf-8": new TextDecoder(), "utf-16le": new TextDecoder("utf-16le") } as const;

function textLine(bytes: Uint8Array, { start, end, encoding, characters }: FoundText, place: string): string {
  const shown = bytes.subarray(start, Math.min(end, start + LONGEST_BYTES));
  const text = cutText(DECODERS[encoding].decode(shown), LONGEST);
  const cut = text.length > LONGEST ? ` (${characters} characters)` : "";
  return `0x${start.toString(16).padStart(6, "0")}  ${place}  ${encoding.padEnd(8)}  ${
    quoteUpTo(text, LONGEST + 1)
  }${cut}\n`;
}

/** Where an active segment is put, where its position is a plain number. */
function addressOf(module: Module, { position }: DataSegment): number | undefined {
  if (position === undefined) return undefined;
  const reader = new InstructionReader(module.bytes);
  reader.reset(position.start, position.end);
  if (!reader.next() || reader.key !== op("i32.const")) return undefined;
  const value = reader.i32 >>> 0;
  return reader.next() && reader.key === op("end") ? value : undefined;
}

/**
 * Lists the texts of data segments, and then those of custom sections, which no guest sees: names and what tools noted.
 *
 * @param least characters of a text
 */
export function* stringsView(module: Module, least: number): Generator<string, void> {
  const { bytes } = module;
  for (const [index, segment] of module.data.entries()) {
    const address = addressOf(module, segment);
    for (const found of findTexts(bytes, segment, least)) {
      const at = found.start - segment.start;
      const place = address === undefined
        ? `data ${index} +0x${at.toString(16)}`
        : `data ${index} at 0x${(address + at).toString(16)}`;
      yield textLine(bytes, found, place.padEnd(20));
    }
  }
  for (const section of module.customs) {
    const title = sectionTitle({ name: section.name, custom: true });
    for (const found of findTexts(bytes, section, least)) yield textLine(bytes, found, title);
  }
}
