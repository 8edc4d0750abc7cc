// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Levenshtein's distance of two texts of 500 letters with the whole table kept; `n` distances. */

import { nextRandom, seed } from "./random.ts";

const SIZE = 500;
const WIDTH = SIZE + 1;
const a = new StaticArray<u8>(SIZE);
const b = new StaticArray<u8>(SIZE);
const table = new StaticArray<i32>(WIDTH * WIDTH);

function distance(m: i32, n: i32): i32 {
  for (let i = 0; i <= m; i++) table[i * WIDTH] = i;
  for (let j = 0; j <= n; j++) table[j] = j;
  for (let i = 1; i <= m; i++) {
    for (let j = 1; j <= n; j++) {
      const changed = table[(i - 1) * WIDTH + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      const removed = table[(i - 1) * WIDTH + j] + 1;
      const added = table[i * WIDTH + j - 1] + 1;
      table[i * WIDTH + j] = min(changed, min(removed, added));
    }
  }
  return table[m * WIDTH + n];
}

export function run(n: i32): i32 {
  seed(16);
  for (let i = 0; i < SIZE; i++) {
    a[i] = <u8> (nextRandom() % 8);
    b[i] = <u8> (nextRandom() % 8);
  }
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) {
    a[i % SIZE] ^= 1;
    sum = sum * 31 + distance(SIZE, SIZE);
  }
  return sum;
}

/** From "kitten" to "sitting": 3. */
export function known(): i32 {
  const from = "kitten", to = "sitting";
  for (let i = 0; i < from.length; i++) a[i] = <u8> from.charCodeAt(i);
  for (let i = 0; i < to.length; i++) b[i] = <u8> to.charCodeAt(i);
  return distance(from.length, to.length);
}
