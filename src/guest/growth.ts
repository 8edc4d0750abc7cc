import type { GuestInstance } from "./instance.ts";
import type { Limits } from "../core/limits.ts";
import { PAGE_SIZE } from "../wasm/page_size.ts";

/** Bytes that an element of a table counts as, where a table's size is given in bytes. */
const ELEMENT_SIZE = 8;

/** A growth that was refused, in bytes. */
export interface Refusal {
  readonly used: number;
  readonly allowed: number;
}

/**
 * Decides whether memories and tables may grow. Memories count together, each object once however many instances
 * see it; they are measured, not tracked, so nothing here can drift from what is.
 */
export class GrowthLedger {
  readonly #memories: Set<WebAssembly.Memory> = new Set();
  readonly #limits: Limits;
  /** The last refusal since the call began. */
  refused: Refusal | undefined;
  /** Refusals since the life of the instances began. */
  refusals = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  add(instance: GuestInstance): void {
    for (const memory of instance.memories) this.#memories.add(memory);
  }

  clear(): void {
    this.#memories.clear();
    this.refused = undefined;
    this.refusals = 0;
  }

  /** Bytes of all memories. Memories never shrink, so this is also the peak of this life. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const memory of this.#memories) bytes += memory.buffer.byteLength;
    return bytes;
  }

  /** Bytes that all memories may have together. */
  get limit(): number {
    return this.#limits.memoryLimit;
  }

  /** Elements that a table may have, whatever it holds. */
  get tableLimit(): number {
    return Math.max(this.#limits.tableLimit, this.#limits.functionTableLimit);
  }

  /** Whether memories with this many pages more would exceed the limit. */
  fits(pages: number): boolean {
    return this.memoryBytes + pages * PAGE_SIZE <= this.#limits.memoryLimit;
  }

  /** Asked before memory.grow; what the memory's own maximum forbids is left to the instruction itself. */
  mayGrowMemory(instance: GuestInstance, index: number, pages: bigint): boolean {
    const memory = instance.memories[index], type = instance.layout.memories[index]?.type;
    if (memory === undefined || type === undefined) return false;
    const wanted = BigInt(memory.buffer.byteLength / PAGE_SIZE) + pages;
    if (type.max !== undefined && wanted > type.max) return true;
    const used = this.memoryBytes;
    if (BigInt(used) + pages * BigInt(PAGE_SIZE) <= BigInt(this.#limits.memoryLimit)) return true;
    return this.#refuse(used, this.#limits.memoryLimit);
  }

  /** Asked before table.grow. */
  mayGrowTable(instance: GuestInstance, index: number, elements: bigint): boolean {
    const table = instance.tables[index], type = instance.layout.tables[index]?.type;
    if (table === undefined || type === undefined) return false;
    const length = BigInt(table.length), wanted = length + elements;
    if (type.max !== undefined && wanted > type.max) return true;
    if (wanted <= BigInt(this.#limits.tableLimit) || elements === 0n) return true;
    return this.#refuse(Number(length) * ELEMENT_SIZE, this.#limits.tableLimit * ELEMENT_SIZE);
  }

  #refuse(used: number, allowed: number): false {
    this.refusals++;
    this.refused = { used, allowed };
    return false;
  }
}
