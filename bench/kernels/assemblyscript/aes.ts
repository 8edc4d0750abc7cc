// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** AES-128 (FIPS 197) with four tables of 256 words, in counter mode over 32 KiB; `n` passes over the buffer. */

import { nextRandom, seed } from "./random.ts";

const SIZE = 32768;
const box = new StaticArray<u8>(256);
const tables = new StaticArray<u32>(1024);
const keys = new StaticArray<u32>(44);
const block = new StaticArray<u32>(4);
const data = new StaticArray<u8>(SIZE);

function twice(x: u32): u32 {
  return (x << 1 ^ (x & 0x80 ? 0x1b : 0)) & 255;
}

/** Section 5.1.1: inverses by walking the powers of 3 and of 1/3; a table joins SubBytes and MixColumns. */
function makeTables(): void {
  let p: u32 = 1, q: u32 = 1;
  do {
    p ^= twice(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 255;
    if (q & 0x80) q ^= 0x09;
    const wide = q | q << 8;
    box[p] = <u8> (q ^ wide >> 7 ^ wide >> 6 ^ wide >> 5 ^ wide >> 4 ^ 0x63);
  } while (p != 1);
  box[0] = 0x63;
  for (let i = 0; i < 256; i++) {
    const s: u32 = box[i], two = twice(s);
    const word = two << 24 | s << 16 | s << 8 | (two ^ s);
    for (let row = 0; row < 4; row++) tables[row * 256 + i] = rotr(word, 8 * row);
  }
}

function substitute(word: u32): u32 {
  return <u32> box[word >>> 24] << 24 | <u32> box[word >>> 16 & 255] << 16 |
    <u32> box[word >>> 8 & 255] << 8 | box[word & 255];
}

/** Section 5.2. */
function expandKey(): void {
  let constant: u32 = 1;
  for (let i = 4; i < 44; i++) {
    let word = keys[i - 1];
    if (i % 4 == 0) {
      word = substitute(rotl(word, 8)) ^ constant << 24;
      constant = twice(constant);
    }
    keys[i] = keys[i - 4] ^ word;
  }
}

function column(a: u32, b: u32, c: u32, d: u32): u32 {
  return tables[a >>> 24] ^ tables[256 + (b >>> 16 & 255)] ^ tables[512 + (c >>> 8 & 255)] ^
    tables[768 + (d & 255)];
}

function lastColumn(a: u32, b: u32, c: u32, d: u32): u32 {
  return substitute(a & 0xff000000 | b & 0xff0000 | c & 0xff00 | d & 0xff);
}

/** Section 5.1. */
function encrypt(): void {
  let a = block[0] ^ keys[0], b = block[1] ^ keys[1], c = block[2] ^ keys[2], d = block[3] ^ keys[3];
  for (let round = 4; round < 40; round += 4) {
    const w = column(a, b, c, d), x = column(b, c, d, a), y = column(c, d, a, b), z = column(d, a, b, c);
    a = w ^ keys[round];
    b = x ^ keys[round + 1];
    c = y ^ keys[round + 2];
    d = z ^ keys[round + 3];
  }
  block[0] = lastColumn(a, b, c, d) ^ keys[40];
  block[1] = lastColumn(b, c, d, a) ^ keys[41];
  block[2] = lastColumn(c, d, a, b) ^ keys[42];
  block[3] = lastColumn(d, a, b, c) ^ keys[43];
}

export function run(n: i32): i32 {
  seed(5);
  makeTables();
  for (let i = 0; i < 4; i++) {
    keys[i] = 0;
    for (let j = 0; j < 4; j++) keys[i] = keys[i] << 8 | nextRandom() & 255;
  }
  expandKey();
  for (let i = 0; i < SIZE; i++) data[i] = <u8> i;
  for (let pass = 0; pass < n; pass++) {
    for (let at = 0; at < SIZE; at += 16) {
      block[0] = bswap<u32>(at);
      block[1] = bswap<u32>(pass);
      block[2] = 0;
      block[3] = 0;
      encrypt();
      for (let i = 0; i < 16; i++) data[at + i] ^= <u8> (block[i >> 2] >>> 24 - 8 * (i & 3));
    }
  }
  let sum: u32 = 0;
  for (let i = 0; i < SIZE; i++) sum = sum * 31 + data[i];
  return sum;
}

/** First word of the ciphertext of appendix C.1: 0x69c4e0d8. */
export function known(): i32 {
  makeTables();
  for (let i = 0; i < 4; i++) {
    keys[i] = 0x00010203 + 0x04040404 * i;
    block[i] = 0x00112233 + 0x44444444 * i;
  }
  expandKey();
  encrypt();
  return block[0];
}
