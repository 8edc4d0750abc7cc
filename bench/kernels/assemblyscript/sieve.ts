// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Eratosthenes' sieve, a byte a number, below 200,000; `n` sieves. */

const MOST = 1_000_000;
const SIZE = 200_000;
const marks = new StaticArray<u8>(MOST);

function sieve(limit: i32): i32 {
  for (let i = 2; i < limit; i++) marks[i] = 1;
  for (let i = 2; i * i < limit; i++) {
    if (marks[i] == 0) continue;
    for (let multiple = i * i; multiple < limit; multiple += i) marks[multiple] = 0;
  }
  let count = 0;
  for (let i = 2; i < limit; i++) count += marks[i];
  return count;
}

export function run(n: i32): i32 {
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) sum = sum * 31 + sieve(SIZE - i % 8);
  return sum;
}

/** π(1,000,000) = 78,498. */
export function known(): i32 {
  return sieve(MOST);
}
