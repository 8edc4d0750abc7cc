/**
 * Makes a large module of real code: the functions of a real module, several times over. Every copy calls the functions
 * of the first, so the module is valid, and it grows in exact steps.
 */
import { readUnsigned, sectionsOf, unsignedBytes } from "./sections.ts";

/** Section numbers of the binary format: what each function has one entry in. */
const FUNCTION_SECTION = 3, CODE_SECTION = 10;

/** A module with `copies` times the functions of another. */
export function repeatFunctions(bytes: Uint8Array, copies: number): Uint8Array<ArrayBuffer> {
  const pieces: (Uint8Array | number[])[] = [bytes.subarray(0, 8)];
  for (const { id, contents } of sectionsOf(bytes)) {
    if (id !== FUNCTION_SECTION && id !== CODE_SECTION) {
      pieces.push([id, ...unsignedBytes(contents.length)], contents);
      continue;
    }
    const { value, end } = readUnsigned(contents, 0);
    const count = unsignedBytes(value * copies), entries = contents.subarray(end);
    pieces.push([id, ...unsignedBytes(count.length + entries.length * copies), ...count]);
    for (let copy = 0; copy < copies; copy++) pieces.push(entries);
  }
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
