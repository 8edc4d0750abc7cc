// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Text and bytes in AssemblyScript, which cannot write the section of signatures: the caller says the types. */

export function aegis_alloc(size: u32): usize {
  return heap.alloc(size);
}

export function aegis_free(address: usize, _size: u32): void {
  heap.free(address);
}

/** A result: bytes in a block that the host gives back to `aegis_free`. */
function give(from: usize, length: u32): u64 {
  const address = heap.alloc(length);
  memory.copy(address, from, length);
  return ((address as u64) << 32) | (length as u64);
}

export function greet(address: usize, length: u32): u64 {
  const name = String.UTF8.decodeUnsafe(address, length);
  const text = String.UTF8.encode("Hello, " + name + "!");
  return give(changetype<usize>(text), text.byteLength);
}

/** In place: the result lies where the argument lies, and is freed with it. */
export function reverse(address: usize, length: u32): u64 {
  for (let low: u32 = 0, high = length; low + 1 < high; low++) {
    const kept = load<u8>(address + low);
    high--;
    store<u8>(address + low, load<u8>(address + high));
    store<u8>(address + high, kept);
  }
  return ((address as u64) << 32) | (length as u64);
}
