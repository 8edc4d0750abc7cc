/** Bytes as hexadecimal digits with their offset, sixteen in a line, and what of them is text. */
import type { ByteRange } from "../wasm/module.ts";

const BYTES_PER_LINE = 16;

/** Lines of a piece. */
const LINES = 256;

const DIGITS: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** A range of bytes, and what it is called. */
export interface HexPart extends ByteRange {
  /** Stands above the bytes; none where it is undefined. Printed as it is. */
  readonly title?: string | undefined;
}

function hexLine(bytes: Uint8Array, at: number, { end, width }: { end: number; width: number }): string {
  let digits = "", text = "";
  for (let offset = at; offset < at + BYTES_PER_LINE; offset++) {
    const byte = offset < end ? bytes[offset] : undefined;
    digits += `${offset === at + BYTES_PER_LINE / 2 ? "  " : " "}${byte === undefined ? "  " : DIGITS[byte]}`;
    if (byte !== undefined) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
  }
  return `0x${at.toString(16).padStart(width, "0")} ${digits}  |${text}|\n`;
}

/** Writes ranges of bytes, in pieces. */
export function* hexView(bytes: Uint8Array, parts: Iterable<HexPart>): Generator<string, void> {
  const width = Math.max(6, bytes.length.toString(16).length);
  let first = true;
  for (const { start, end, title } of parts) {
    if (title !== undefined) yield `${first ? "" : "\n"}${title}\n`;
    first = false;
    for (let at = start; at < end;) {
      let text = "";
      for (let line = 0; line < LINES && at < end; line++, at += BYTES_PER_LINE) {
        text += hexLine(bytes, at, { end, width });
      }
      yield text;
    }
  }
}
