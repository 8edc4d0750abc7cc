/** What is not zero in a memory: most of what a guest reserves it never writes. */

/** Bytes of a block. */
const BLOCK = 4096;

/** The contents of a memory, as plain data. */
export interface MemoryBlocks {
  /** Bytes of the memory. */
  readonly size: number;
  /** Numbers of the blocks that hold more than zeros, ascending. */
  readonly blocks: Int32Array;
  /** Those blocks, one behind the other. */
  readonly bytes: Uint8Array;
}

export function readBlocks(buffer: ArrayBufferLike): MemoryBlocks {
  const source = new Uint8Array(buffer), longs = new BigInt64Array(buffer), numbers: number[] = [];
  const step = BLOCK / 8;
  for (let block = 0; block * step < longs.length; block++) {
    const end = Math.min(longs.length, (block + 1) * step);
    for (let at = block * step; at < end; at++) {
      if (longs[at] === 0n) continue;
      numbers.push(block);
      break;
    }
  }
  const bytes = new Uint8Array(numbers.length * BLOCK);
  for (const [place, block] of numbers.entries()) {
    bytes.set(source.subarray(block * BLOCK, (block + 1) * BLOCK), place * BLOCK);
  }
  return { size: source.length, blocks: Int32Array.from(numbers), bytes };
}

/** Writes them into a memory of that size, whatever it holds. @returns whether they fit */
export function writeBlocks(buffer: ArrayBufferLike, { size, blocks, bytes }: MemoryBlocks): boolean {
  const target = new Uint8Array(buffer);
  if (target.length !== size || bytes.length !== blocks.length * BLOCK) return false;
  target.fill(0);
  for (const [place, block] of blocks.entries()) {
    if (block < 0 || (block + 1) * BLOCK > size) return false;
    target.set(bytes.subarray(place * BLOCK, (place + 1) * BLOCK), block * BLOCK);
  }
  return true;
}
