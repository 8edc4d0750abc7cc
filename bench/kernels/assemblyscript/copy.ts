// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Bulk operations as a standard library uses them: copies, moves and fills of 16 to 4,000 bytes; `n` × 1,000 of each. */

import { nextRandom, seed } from "./random.ts";

const SIZE: u32 = 65536;
const data = memory.data(65536);

export function run(n: i32): i32 {
  seed(18);
  for (let i: u32 = 0; i < SIZE; i++) store<u8>(data + i, <u8> nextRandom());
  for (let i = 0; i < n * 1000; i++) {
    const r = nextRandom();
    // Mostly short, as real ones are: a length of 16 to 31 bytes, one in sixteen up to 4,000.
    const length = 16 + (r & 15) + ((r & 0xf0) == 0 ? r >>> 20 & 0xf7f : 0);
    const from = r >>> 8 & 0x7fff, to = r >>> 12 & 0x7fff;
    memory.copy(data + to, data + from, length);
    memory.copy(data + from + 8, data + from, length);
    memory.fill(data + 0xa000 + (to >>> 1), <u8> i, length);
  }
  let sum: u32 = 0;
  for (let i: u32 = 0; i < SIZE; i++) sum = sum * 31 + load<u8>(data + i);
  return sum;
}

/** Bytes that are wrong after a copy over itself by three and a fill: 0. */
export function known(): i32 {
  for (let i: u32 = 0; i < 100; i++) store<u8>(data + i, <u8> i);
  memory.copy(data + 13, data + 10, 50);
  memory.fill(data + 70, 9, 5);
  let wrong = 0;
  for (let i: u32 = 0; i < 100; i++) {
    const expected = i >= 13 && i < 63 ? i - 3 : i >= 70 && i < 75 ? 9 : i;
    wrong += load<u8>(data + i) != <u8> expected ? 1 : 0;
  }
  return wrong;
}
