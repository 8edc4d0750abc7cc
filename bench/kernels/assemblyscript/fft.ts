// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** A recursive transform over 2,048 complex doubles, decimation in time, roots from the library's sine; `n` times. */

import { nextRandom, seed } from "./random.ts";

const SIZE = 2048;
const re = new StaticArray<f64>(SIZE);
const im = new StaticArray<f64>(SIZE);
const outRe = new StaticArray<f64>(SIZE);
const outIm = new StaticArray<f64>(SIZE);
const cosines = new StaticArray<f64>(SIZE / 2);
const sines = new StaticArray<f64>(SIZE / 2);

function makeRoots(): void {
  for (let k = 0; k < SIZE / 2; k++) {
    const angle = 2 * Math.PI * k / SIZE;
    cosines[k] = Math.cos(angle);
    sines[k] = Math.sin(angle);
  }
}

/** Transforms `size` inputs that lie `stride` apart into `size` outputs in a row. */
function transform(from: i32, to: i32, size: i32, stride: i32): void {
  if (size == 1) {
    outRe[to] = re[from];
    outIm[to] = im[from];
    return;
  }
  const half = size >> 1;
  transform(from, to, half, stride << 1);
  transform(from + stride, to + half, half, stride << 1);
  for (let k = 0; k < half; k++) {
    const low = to + k, high = low + half;
    const c = cosines[k * stride], s = -sines[k * stride];
    const x = outRe[high] * c - outIm[high] * s, y = outRe[high] * s + outIm[high] * c;
    outRe[high] = outRe[low] - x;
    outIm[high] = outIm[low] - y;
    outRe[low] += x;
    outIm[low] += y;
  }
}

export function run(n: i32): i32 {
  makeRoots();
  seed(3);
  for (let i = 0; i < SIZE; i++) {
    re[i] = <f64> (nextRandom() % 2000) - 1000;
    im[i] = 0;
  }
  let sum: f64 = 0;
  for (let round = 0; round < n; round++) {
    transform(0, 0, SIZE, 1);
    sum += outRe[1 + round % (SIZE - 1)];
    re[round % SIZE] = -re[round % SIZE];
  }
  return <i32> <i64> (sum * 100);
}

/** The bin of the highest peak of a wave of 100 periods: 100. */
export function known(): i32 {
  makeRoots();
  for (let i = 0; i < SIZE; i++) {
    re[i] = Math.cos(2 * Math.PI * 100 * i / SIZE);
    im[i] = 0;
  }
  transform(0, 0, SIZE, 1);
  let peak = 0;
  let most: f64 = 0;
  for (let i = 0; i < SIZE / 2; i++) {
    const power = outRe[i] * outRe[i] + outIm[i] * outIm[i];
    if (power > most) {
      most = power;
      peak = i;
    }
  }
  return peak;
}
