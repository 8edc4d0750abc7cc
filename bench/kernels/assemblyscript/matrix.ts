// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Product of two square matrices of 96 × 96 doubles, the textbook's three loops; `n` products. */

import { nextRandom, seed } from "./random.ts";

const SIZE = 96;
const a = new StaticArray<f64>(SIZE * SIZE);
const b = new StaticArray<f64>(SIZE * SIZE);
const c = new StaticArray<f64>(SIZE * SIZE);

function multiply(): void {
  for (let i = 0; i < SIZE; i++) {
    for (let j = 0; j < SIZE; j++) {
      let sum: f64 = 0;
      for (let k = 0; k < SIZE; k++) sum += a[i * SIZE + k] * b[k * SIZE + j];
      c[i * SIZE + j] = sum;
    }
  }
}

function fill(matrix: StaticArray<f64>): void {
  for (let i = 0; i < SIZE * SIZE; i++) matrix[i] = <f64> (nextRandom() % 1000) / 1000;
}

export function run(n: i32): i32 {
  seed(1);
  fill(a);
  fill(b);
  let trace: f64 = 0;
  for (let round = 0; round < n; round++) {
    a[0] = round;
    multiply();
    for (let i = 0; i < SIZE; i++) trace += c[i * SIZE + i];
  }
  return <i32> <i64> trace;
}

/** How many elements a product with the identity changes: none. */
export function known(): i32 {
  seed(2);
  fill(a);
  for (let i = 0; i < SIZE * SIZE; i++) b[i] = i % (SIZE + 1) == 0 ? 1 : 0;
  multiply();
  let changed = 0;
  for (let i = 0; i < SIZE * SIZE; i++) changed += a[i] != c[i] ? 1 : 0;
  return changed;
}
