// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** SHA-256 (FIPS 180-4) of 64 KiB; `n` digests, each over a buffer that holds the last one. */

import { nextRandom, seed } from "./random.ts";

const SIZE = 65536;
const message = new StaticArray<u8>(SIZE + 128);
const constants = new StaticArray<u32>(64);
const initial = new StaticArray<u32>(8);
const state = new StaticArray<u32>(8);
const words = new StaticArray<u32>(64);

/** The constants are the first 32 bits of the fractions of roots of primes (sections 4.2.2 and 5.3.3). */
function fraction(root: f64): u32 {
  return <u32> <i64> ((root - Math.floor(root)) * 4294967296);
}

function isPrime(n: i32): bool {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor == 0) return false;
  return true;
}

function makeConstants(): void {
  let prime = 1;
  for (let i = 0; i < 64; i++) {
    do prime++; while (!isPrime(prime));
    constants[i] = fraction(Math.cbrt(prime));
    if (i < 8) initial[i] = fraction(Math.sqrt(prime));
  }
}

makeConstants();

function compress(at: i32): void {
  for (let t = 0; t < 16; t++, at += 4) {
    words[t] = <u32> message[at] << 24 | <u32> message[at + 1] << 16 | <u32> message[at + 2] << 8 |
      message[at + 3];
  }
  for (let t = 16; t < 64; t++) {
    const two = words[t - 2], fifteen = words[t - 15];
    words[t] = (rotr(two, 17) ^ rotr(two, 19) ^ two >>> 10) + words[t - 7] +
      (rotr(fifteen, 7) ^ rotr(fifteen, 18) ^ fifteen >>> 3) + words[t - 16];
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let t = 0; t < 64; t++) {
    const t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + words[t];
    const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function digest(length: i32): u32 {
  for (let i = 0; i < 8; i++) state[i] = initial[i];
  const padded = (length + 9 + 63) & ~63;
  message[length] = 0x80;
  for (let i = length + 1; i < padded - 4; i++) message[i] = 0;
  for (let i = 0; i < 4; i++) message[padded - 1 - i] = <u8> (length * 8 >> 8 * i);
  for (let at = 0; at < padded; at += 64) compress(at);
  return state[0];
}

export function run(n: i32): i32 {
  seed(4);
  for (let i = 0; i < SIZE; i++) message[i] = <u8> nextRandom();
  let word: u32 = 0;
  for (let i = 0; i < n; i++) {
    word = digest(SIZE);
    for (let j = 0; j < 4; j++) message[j] = <u8> (word >>> 8 * j);
  }
  return word;
}

/** First word of the digest of "abc", the standard's example: 0xba7816bf. */
export function known(): i32 {
  for (let i = 0; i < 3; i++) message[i] = <u8> (0x61 + i);
  return digest(3);
}
