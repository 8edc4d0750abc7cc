// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/**
 * LZ77 over 64 KiB of text, greedy, with a hash table of the last place of four bytes; `n` times packed and unpacked.
 * A token is a byte, literals' count in its upper and the match's length less 4 in its lower four bits; 15 is
 * continued in bytes as long as they are 255. After it come the literals and two bytes of distance.
 */

import { nextRandom, seed } from "./random.ts";
import { makeText } from "./text.ts";

const SIZE = 65536;
const HASHES = 4096;
const LEAST = 4;
const plain = new StaticArray<u8>(SIZE);
const packed = new StaticArray<u8>(SIZE * 2);
const unpacked = new StaticArray<u8>(SIZE);
const last = new StaticArray<i32>(HASHES);

let out = 0;
let input = 0;

function four(at: i32): u32 {
  return load<u32>(changetype<usize>(plain) + at);
}

function putLength(rest: i32): void {
  for (; rest >= 255; rest -= 255) packed[out++] = 255;
  packed[out++] = <u8> rest;
}

function put(from: i32, count: i32, match: i32, distance: i32): void {
  const code = match == 0 ? 0 : match - LEAST;
  packed[out++] = <u8> (min(count, 15) << 4 | min(code, 15));
  if (count >= 15) putLength(count - 15);
  for (let i = 0; i < count; i++) packed[out++] = plain[from + i];
  if (match == 0) return;
  packed[out++] = <u8> distance;
  packed[out++] = <u8> (distance >> 8);
  if (code >= 15) putLength(code - 15);
}

function pack(): i32 {
  for (let i = 0; i < HASHES; i++) last[i] = 0;
  out = 0;
  let at = 0, from = 0;
  while (at + LEAST <= SIZE) {
    const value = four(at), slot = value * 2654435761 >>> 20;
    const start = last[slot] - 1;
    last[slot] = at + 1;
    if (start < 0 || four(start) != value || at - start > 65535) {
      at++;
      continue;
    }
    let length = LEAST;
    while (at + length < SIZE && plain[start + length] == plain[at + length]) length++;
    put(from, at - from, length, at - start);
    at += length;
    from = at;
  }
  put(from, SIZE - from, 0, 0);
  return out;
}

function getLength(length: i32): i32 {
  if (length < 15) return length;
  let more: u8;
  do {
    more = packed[input++];
    length += more;
  } while (more == 255);
  return length;
}

function unpack(size: i32): i32 {
  let at = 0;
  input = 0;
  while (input < size) {
    const token = packed[input++];
    const count = getLength(token >> 4);
    for (let i = 0; i < count; i++) unpacked[at++] = packed[input++];
    if (input == size) break;
    let from = at - (<i32> packed[input] | <i32> packed[input + 1] << 8);
    input += 2;
    const length = getLength(token & 15) + LEAST;
    for (let i = 0; i < length; i++) unpacked[at++] = unpacked[from++];
  }
  return at;
}

export function run(n: i32): i32 {
  seed(7);
  makeText(plain);
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    plain[nextRandom() % SIZE] = 0x2e;
    const size = pack();
    sum = sum * 31 + size + unpack(size) + unpacked[round & (SIZE - 1)];
  }
  return sum;
}

/** How many bytes differ after packing and unpacking; one more if the text did not shrink: 0. */
export function known(): i32 {
  seed(8);
  makeText(plain);
  const size = pack();
  let wrong = (unpack(size) != SIZE ? 1 : 0) + (size > SIZE * 3 / 4 ? 1 : 0);
  for (let i = 0; i < SIZE; i++) wrong += plain[i] != unpacked[i] ? 1 : 0;
  return wrong;
}
