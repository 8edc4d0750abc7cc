// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Ackermann's function, ack(2, 300) `n` times: a recursion that is up to 600 calls deep. */

function ackermann(m: i32, n: i32): i32 {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

export function run(n: i32): i32 {
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) sum = sum * 31 + ackermann(2, 300 + (i & 3));
  return sum;
}

/** ack(2, 3) = 9. */
export function known(): i32 {
  return ackermann(2, 3);
}
