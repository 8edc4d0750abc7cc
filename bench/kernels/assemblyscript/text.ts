// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Text for kernels that read text: words of a vocabulary of 256, the first of them more often. */

import { nextRandom } from "./random.ts";

const WORD: usize = 10;
const vocabulary = memory.data(2560);

function makeVocabulary(): void {
  for (let word: u32 = 0; word < 256; word++) {
    const at = vocabulary + <usize> word * WORD;
    const length: u32 = 2 + nextRandom() % 8;
    store<u8>(at, <u8> length);
    for (let i: u32 = 1; i <= length; i++) store<u8>(at + i, <u8> (0x61 + nextRandom() % 26));
  }
}

/** Fills the whole buffer; a word that does not fit is cut off. */
export function makeText(text: StaticArray<u8>): void {
  makeVocabulary();
  for (let at = 0; at < text.length;) {
    const r = nextRandom();
    const word = vocabulary + <usize> (r & (r >>> 8) & 255) * WORD;
    const length: u32 = load<u8>(word);
    for (let i: u32 = 1; i <= length && at < text.length; i++) text[at++] = load<u8>(word + i);
    if (at < text.length) text[at++] = r >>> 28 == 0 ? 0x0a : 0x20;
  }
}
