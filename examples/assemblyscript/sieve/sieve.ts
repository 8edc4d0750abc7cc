// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** The sieve of Eratosthenes over a byte per number, in memory that grows with the question. */

/** Numbers below this bound can be asked for: 32 MiB of memory. */
const BOUND: u32 = 1 << 25;

function ensureMemory(bytes: u32): bool {
  const pages = ((<u32> __heap_base + bytes + 0xffff) >>> 16) as i32;
  return pages <= memory.size() || memory.grow(pages - memory.size()) >= 0;
}

/** Marks the composite numbers up to `limit`; false when the memory for it was refused. */
function sieve(limit: u32): bool {
  if (limit >= BOUND || !ensureMemory(limit + 1)) return false;
  memory.fill(__heap_base, 0, limit + 1);
  for (let prime: u32 = 2; prime * prime <= limit; prime++) {
    if (load<u8>(__heap_base + prime)) continue;
    for (let multiple = prime * prime; multiple <= limit; multiple += prime) {
      store<u8>(__heap_base + multiple, 1);
    }
  }
  return true;
}

/** How many primes there are up to and including `limit`, or -1 when they do not fit. */
export function countPrimes(limit: u32): i32 {
  if (!sieve(limit)) return -1;
  let count = 0;
  for (let number: u32 = 2; number <= limit; number++) {
    if (!load<u8>(__heap_base + number)) count++;
  }
  return count;
}

/** The largest prime up to and including `limit`; 0 when there is none, -1 when it does not fit. */
export function largestPrime(limit: u32): i32 {
  if (!sieve(limit)) return -1;
  for (let number = limit; number >= 2; number--) {
    if (!load<u8>(__heap_base + number)) return number;
  }
  return 0;
}
