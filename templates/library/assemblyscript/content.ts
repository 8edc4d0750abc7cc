// @ts-nocheck AssemblyScript: its types are not those of TypeScript.

/** How text crosses between this module and its host: blocks that the host asks for and gives back. */
export function aegis_alloc(size: u32): usize {
  return heap.alloc(size);
}

export function aegis_free(address: usize, _size: u32): void {
  heap.free(address);
}

/** An argument. */
export function take(address: usize, length: u32): string {
  return String.UTF8.decodeUnsafe(address, length);
}

/** A result: the host copies it, and gives it back. */
export function give(text: string): u64 {
  const encoded = String.UTF8.encode(text), length = encoded.byteLength;
  const address = heap.alloc(length);
  memory.copy(address, changetype<usize>(encoded), length);
  return ((address as u64) << 32) | (length as u64);
}
