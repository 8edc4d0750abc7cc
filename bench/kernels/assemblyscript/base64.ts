// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Base64 (RFC 4648, section 4) of 48 KiB, there and back; `n` times. */

import { nextRandom, seed } from "./random.ts";

const SIZE = 49152;
const PAD: u8 = 0x3d;
const plain = new StaticArray<u8>(SIZE);
const encoded = new StaticArray<u8>(SIZE / 3 * 4);
const decoded = new StaticArray<u8>(SIZE + 3);
const letters = new StaticArray<u8>(64);
const values = new StaticArray<u8>(256);

function makeTables(): void {
  for (let i = 0; i < 64; i++) {
    letters[i] = <u8> (i < 26 ? 65 + i : i < 52 ? 97 + i - 26 : i < 62 ? 48 + i - 52 : i == 62 ? 43 : 47);
    values[letters[i]] = <u8> i;
  }
}

function encode(length: i32): i32 {
  let to = 0;
  for (let from = 0; from < length; from += 3) {
    const left = length - from;
    let bits: u32 = <u32> plain[from] << 16;
    if (left > 1) bits |= <u32> plain[from + 1] << 8;
    if (left > 2) bits |= plain[from + 2];
    encoded[to++] = letters[bits >>> 18];
    encoded[to++] = letters[bits >>> 12 & 63];
    encoded[to++] = left > 1 ? letters[bits >>> 6 & 63] : PAD;
    encoded[to++] = left > 2 ? letters[bits & 63] : PAD;
  }
  return to;
}

function decode(length: i32): i32 {
  let to = 0;
  for (let from = 0; from < length; from += 4) {
    let bits: u32 = 0;
    for (let i = 0; i < 4; i++) bits = bits << 6 | values[encoded[from + i]];
    decoded[to++] = <u8> (bits >>> 16);
    if (encoded[from + 2] != PAD) decoded[to++] = <u8> (bits >>> 8);
    if (encoded[from + 3] != PAD) decoded[to++] = <u8> bits;
  }
  return to;
}

export function run(n: i32): i32 {
  seed(13);
  makeTables();
  for (let i = 0; i < SIZE; i++) plain[i] = <u8> nextRandom();
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    const length = SIZE - round % 3;
    plain[round % SIZE]++;
    const size = encode(length);
    sum = sum * 31 + encoded[size - 3] + decode(size) + decoded[length / 2];
  }
  return sum;
}

/** The last four letters of "Zm9vYmE=", which section 10 gives for "fooba", as a big-endian word. */
export function known(): i32 {
  makeTables();
  const text = "fooba";
  for (let i = 0; i < 5; i++) plain[i] = <u8> text.charCodeAt(i);
  const size = encode(5);
  let word: u32 = 0;
  for (let i = size - 4; i < size; i++) word = word << 8 | encoded[i];
  return size == 8 && decode(8) == 5 && decoded[4] == 0x61 ? word : 0;
}
