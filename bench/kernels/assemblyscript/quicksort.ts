// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Quicksort of 65,536 random integers, median of three, insertion sort below 16; `n` sorts. */

import { nextRandom, seed } from "./random.ts";

const SIZE = 65536;
const items = new StaticArray<i32>(SIZE);

function insertionSort(low: i32, high: i32): void {
  for (let i = low + 1; i <= high; i++) {
    const value = items[i];
    let at = i - 1;
    for (; at >= low && items[at] > value; at--) items[at + 1] = items[at];
    items[at + 1] = value;
  }
}

function median(a: i32, b: i32, c: i32): i32 {
  return max(min(a, b), min(max(a, b), c));
}

function sort(low: i32, high: i32): void {
  while (high - low >= 16) {
    const pivot = median(items[low], items[(low + high) >> 1], items[high]);
    let i = low, j = high;
    while (i <= j) {
      while (items[i] < pivot) i++;
      while (items[j] > pivot) j--;
      if (i <= j) {
        const swapped = items[i];
        items[i++] = items[j];
        items[j--] = swapped;
      }
    }
    // Into the smaller part by a call, so that no input makes the recursion deep.
    if (j - low < high - i) {
      sort(low, j);
      low = i;
    } else {
      sort(i, high);
      high = j;
    }
  }
  insertionSort(low, high);
}

export function run(n: i32): i32 {
  seed(9);
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < SIZE; i++) items[i] = <i32> nextRandom();
    sort(0, SIZE - 1);
    sum = sum * 31 + <u32> items[SIZE / 3];
  }
  return sum;
}

/** Neighbours out of order after sorting, and one more if the sum has changed: 0. */
export function known(): i32 {
  seed(10);
  let change: u32 = 0, wrong = 0;
  for (let i = 0; i < SIZE; i++) change += items[i] = <i32> nextRandom();
  sort(0, SIZE - 1);
  for (let i = 0; i < SIZE; i++) {
    change -= items[i];
    wrong += i > 0 && items[i - 1] > items[i] ? 1 : 0;
  }
  return wrong + (change != 0 ? 1 : 0);
}
