// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Fibonacci's numbers by their definition: calls and nothing else; `n` is the index. */

function fib(n: i32): i32 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export function run(n: i32): i32 {
  return fib(n);
}

/** fib(20) = 6765. */
export function known(): i32 {
  return fib(20);
}
