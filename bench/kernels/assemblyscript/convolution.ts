// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** A convolution with a kernel of 5 × 5 integers over a picture of 256 × 128 integers; `n` passes. */

import { nextRandom, seed } from "./random.ts";

const WIDTH = 256;
const HEIGHT = 128;
const TAPS = 5;
const HALF = 2;

const first = new StaticArray<i32>(WIDTH * HEIGHT);
const second = new StaticArray<i32>(WIDTH * HEIGHT);
const weights: StaticArray<i32> = [
  1,
  2,
  3,
  2,
  1,
  2,
  4,
  6,
  4,
  2,
  3,
  6,
  12,
  6,
  3,
  2,
  4,
  6,
  4,
  2,
  1,
  2,
  3,
  2,
  1,
];
const WEIGHT = 84;

function convolve(from: StaticArray<i32>, to: StaticArray<i32>): void {
  for (let y = HALF; y < HEIGHT - HALF; y++) {
    for (let x = HALF; x < WIDTH - HALF; x++) {
      let sum = 0;
      for (let row = 0; row < TAPS; row++) {
        const start = (y + row - HALF) * WIDTH + x - HALF;
        for (let tap = 0; tap < TAPS; tap++) sum += from[start + tap] * weights[row * TAPS + tap];
      }
      to[y * WIDTH + x] = sum / WEIGHT;
    }
  }
}

export function run(n: i32): i32 {
  seed(15);
  for (let i = 0; i < WIDTH * HEIGHT; i++) first[i] = second[i] = nextRandom() & 255;
  let from = first, to = second;
  for (let i = 0; i < n; i++) {
    convolve(from, to);
    to[(HALF + i % 100) * WIDTH + 100] = 255;
    const swapped = from;
    from = to;
    to = swapped;
  }
  let sum: u32 = 0;
  for (let i = 0; i < WIDTH * HEIGHT; i++) sum = sum * 31 + from[i];
  return sum;
}

/** A flat picture stays flat, so no pixel changes; 84 alone becomes the weights, 12 in the middle and 1 at a corner. */
export function known(): i32 {
  for (let i = 0; i < WIDTH * HEIGHT; i++) first[i] = second[i] = 77;
  convolve(first, second);
  let changed = 0;
  for (let i = 0; i < WIDTH * HEIGHT; i++) changed += second[i] != 77 ? 1 : 0;
  for (let i = 0; i < WIDTH * HEIGHT; i++) first[i] = 0;
  first[50 * WIDTH + 50] = 84;
  convolve(first, second);
  return changed * 1000 + second[50 * WIDTH + 50] * 10 + second[48 * WIDTH + 48];
}
