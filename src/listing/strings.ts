/**
 * Texts in bytes that need not be text: runs of characters in UTF-8, and in UTF-16LE as AssemblyScript and .NET keep
 * them. One pass over the bytes, with a run open for each way of reading them; nothing is kept but where runs began.
 */
import { UNSAFE } from "../core/plain_text.ts";
import type { ByteRange } from "../wasm/module.ts";

/** How a text is encoded. */
export type TextEncoding = "utf-8" | "utf-16le";

/** A text, where it stands. */
export interface FoundText extends ByteRange {
  readonly encoding: TextEncoding;
  readonly characters: number;
}

/**
 * Units of UTF-16 that are taken for text: below 0x600, which has Latin, Greek, Cyrillic, Hebrew and half of Arabic. Pairs
 * of any other bytes are characters of China, too, and would be found in all code.
 */
const UTF16_END = 0x600;

/** What no text has, by its code: controls but the tab, and what is not to be seen. */
const UNPRINTABLE: ReadonlySet<number> = new Set(
  Array.from({ length: 0x10000 }, (_, code) => code).filter((code) =>
    code !== 0x09 && String.fromCharCode(code).match(UNSAFE) !== null
  ),
);

function isPrintable(code: number): boolean {
  return !UNPRINTABLE.has(code) && (code & 0xfffe) !== 0xfffe;
}

/** A run of characters of one kind. */
class Run {
  start = -1;
  characters = 0;

  take(at: number): void {
    if (this.start < 0) this.start = at;
    this.characters++;
  }

  /** Ends the run. @returns it, where it is long enough */
  close(end: number, encoding: TextEncoding, least: number): FoundText | undefined {
    const { start, characters } = this;
    this.start = -1;
    this.characters = 0;
    return start >= 0 && characters >= least ? { start, end, encoding, characters } : undefined;
  }
}

/** The length of the character of UTF-8 at a position, 0 where there is none that a text would have. */
function characterLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return isPrintable(first) ? 1 : 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > end) return 0;
  let code = first & (0xff >> (length + 1));
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next] ?? 0;
    if (byte >> 6 !== 2) return 0;
    code = code << 6 | byte & 0x3f;
  }
  const least = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
  return code >= least && code < 0x110000 && isPrintable(code) ? length : 0;
}

/**
 * Finds the texts of a range, by where they end.
 *
 * @param least characters of a text
 */
export function* findTexts(
  bytes: Uint8Array,
  { start, end }: ByteRange,
  least: number,
): Generator<FoundText> {
  const narrow = new Run(), wide = [new Run(), new Run()] as const;
  let next = start; // of UTF-8
  for (let at = start; at <= end; at++) {
    if (at === next) {
      const length = at < end ? characterLength(bytes, at, end) : 0;
      if (length > 0) narrow.take(at);
      else {
        const found = narrow.close(at, "utf-8", least);
        if (found !== undefined) yield found;
      }
      next = at + Math.max(1, length);
    }
    const run = wide[at & 1] ?? narrow;
    const unit = at + 1 < end ? (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 : 0;
    if (unit !== 0 && unit < UTF16_END && isPrintable(unit)) run.take(at);
    else {
      const found = run.close(at, "utf-16le", least);
      if (found !== undefined) yield found;
    }
  }
}
