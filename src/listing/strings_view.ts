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

/** A text, and where it stands. */
export interface PlacedText {
  readonly found: FoundText;
  /** In which segment, at which offset of it and at which address; or in which custom section. */
  readonly place: DataPlace | SectionPlace;
  /** Its first characters. */
  readonly text: string;
  /** Whether it has more. */
  readonly cut: boolean;
}

/** In a data segment. */
export interface DataPlace {
  readonly segment: number;
  readonly segmentOffset: number;
  /** Where it is put; `null` where that is no plain number. */
  readonly address: number | null;
}

/** In a custom section. */
export interface SectionPlace {
  readonly section: string;
}

function placed(bytes: Uint8Array, found: FoundText, place: DataPlace | SectionPlace): PlacedText {
  const { start, end, encoding } = found, shown = bytes.subarray(start, Math.min(end, start + LONGEST_BYTES));
  const text = cutText(DECODERS[encoding].decode(shown), LONGEST);
  return { found, place, text, cut: text.length > LONGEST };
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
 * Finds the texts of data segments, and then those of custom sections, which no guest sees: names and what tools noted.
 *
 * @param least characters of a text
 */
export function* placedTexts(module: Module, least: number): Generator<PlacedText, void> {
  const { bytes } = module;
  for (const [index, segment] of module.data.entries()) {
    const base = addressOf(module, segment);
    for (const found of findTexts(bytes, segment, least)) {
      const at = found.start - segment.start, address = base === undefined ? null : base + at;
      yield placed(bytes, found, { segment: index, segmentOffset: at, address });
    }
  }
  for (const section of module.customs) {
    const place = { section: cutText(section.name, LONGEST) };
    for (const found of findTexts(bytes, section, least)) yield placed(bytes, found, place);
  }
}

/** Lists them, a line each. @param least characters of a text */
export function* stringsView(module: Module, least: number): Generator<string, void> {
  for (const { found: { start, encoding, characters }, place, text, cut } of placedTexts(module, least)) {
    yield `0x${start.toString(16).padStart(6, "0")}  ${placeText(place)}  ${encoding.padEnd(8)}  ${
      quoteUpTo(text, LONGEST + 1)
    }${cut ? ` (${characters} characters)` : ""}\n`;
  }
}

function placeText(place: DataPlace | SectionPlace): string {
  if ("section" in place) return sectionTitle({ name: place.section, custom: true });
  const { segment, segmentOffset, address } = place;
  const where = address === null ? `+0x${segmentOffset.toString(16)}` : `at 0x${address.toString(16)}`;
  return `data ${segment} ${where}`.padEnd(20);
}
