/** Strings of the text format: whatever could end one, or act on a terminal, is escaped by its bytes. */
import { UNSAFE } from "../core/plain_text.ts";

const ENCODER = new TextEncoder();

function escapedByte(byte: number): string {
  return `\\${byte.toString(16).padStart(2, "0")}`;
}

/** What each byte of data is written as. */
const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
  return plain ? String.fromCharCode(byte) : escapedByte(byte);
});

/** Bytes as a string: letters of ASCII as they are. */
export function bytesString(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) text += BYTES[byte];
  return `${text}"`;
}

/** A name of the module as a string, whole: an import has to keep its name. */
export function nameString(name: string): string {
  const escape = (characters: string) => [...ENCODER.encode(characters)].map(escapedByte).join("");
  return `"${name.replace(/["\\]/g, escape).replace(UNSAFE, escape)}"`;
}
