// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Marsaglia's 32-bit xorshift: the same numbers in every language, so that kernels written twice can be compared. */

let state: u32 = 0;

export function seed(value: u32): void {
  state = value;
}

export function nextRandom(): u32 {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  state = x;
  return x;
}
