// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/**
 * Counts the words of 32 KiB of text in a map of strings of our own: FNV-1a, open addressing, growth at three quarters,
 * keys as managed strings; `n` times, so the collector works too.
 */

import { nextRandom, seed } from "./random.ts";
import { makeText } from "./text.ts";

const SIZE = 32768;
const text = new StaticArray<u8>(SIZE);

class Entry {
  count: i32 = 0;
  constructor(public key: string, public hash: u32) {}
}

class Counter {
  size: i32 = 0;
  slots: StaticArray<Entry | null> = new StaticArray<Entry | null>(64);

  private find(slots: StaticArray<Entry | null>, key: string, hash: u32): i32 {
    const mask = slots.length - 1;
    let slot = hash & mask;
    let entry = slots[slot];
    while (entry !== null && !(entry.hash == hash && entry.key == key)) {
      slot = (slot + 1) & mask;
      entry = slots[slot];
    }
    return slot;
  }

  private grow(): void {
    const wider = new StaticArray<Entry | null>(this.slots.length * 2);
    for (let i = 0; i < this.slots.length; i++) {
      const entry = this.slots[i];
      if (entry !== null) wider[this.find(wider, entry.key, entry.hash)] = entry;
    }
    this.slots = wider;
  }

  add(key: string, hash: u32): void {
    if (this.size * 4 >= this.slots.length * 3) this.grow();
    const slot = this.find(this.slots, key, hash);
    let entry = this.slots[slot];
    if (entry === null) {
      entry = new Entry(key, hash);
      this.slots[slot] = entry;
      this.size++;
    }
    entry.count++;
  }

  of(key: string, hash: u32): i32 {
    const entry = this.slots[this.find(this.slots, key, hash)];
    return entry === null ? 0 : entry.count;
  }
}

function hashOf(from: i32, to: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = (hash ^ text[i]) * 0x01000193;
  return hash;
}

function countWords(length: i32): Counter {
  const counter = new Counter();
  for (let from = 0; from < length;) {
    let to = from;
    while (to < length && text[to] > 0x20) to++;
    if (to > from) {
      const key = String.UTF8.decodeUnsafe(changetype<usize>(text) + from, to - from);
      counter.add(key, hashOf(from, to));
    }
    from = to + 1;
  }
  return counter;
}

export function run(n: i32): i32 {
  seed(19);
  makeText(text);
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    text[nextRandom() % SIZE] = 0x2d;
    const counter = countWords(SIZE);
    for (let i = 0; i < counter.slots.length; i++) {
      const entry = counter.slots[i];
      if (entry !== null) sum = sum * 31 + entry.count + entry.key.length;
    }
    sum += counter.size;
  }
  return sum;
}

/** "to be or not to be": 4 words, of which "be" is there twice. */
export function known(): i32 {
  const plain = "to be or not to be";
  for (let i = 0; i < plain.length; i++) text[i] = <u8> plain.charCodeAt(i);
  const counter = countWords(plain.length);
  return counter.size * 10 + counter.of("be", hashOf(3, 5));
}
