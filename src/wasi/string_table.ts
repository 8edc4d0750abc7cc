import type { MemoryView } from "./memory_view.ts";
import { ERRNO } from "../protocol/errno.ts";

const ENCODER = new TextEncoder();

/**
 * Arguments or environment, encoded once as the guest gets them:
 *
 *     pointers:  u32 … one for each string
 *     bytes:     the strings, each with a NUL behind it
 */
export class StringTable {
  readonly #bytes: Uint8Array;
  readonly #offsets: readonly number[];

  constructor(strings: readonly string[]) {
    const offsets: number[] = [], encoded = strings.map((text) => ENCODER.encode(text));
    this.#bytes = new Uint8Array(encoded.reduce((sum, bytes) => sum + bytes.length + 1, 0));
    let at = 0;
    for (const bytes of encoded) {
      offsets.push(at);
      this.#bytes.set(bytes, at);
      at += bytes.length + 1;
    }
    this.#offsets = offsets;
  }

  /** Writes the number of strings and of bytes. Returns an error number. */
  writeSizes(memory: MemoryView, at: { readonly count: number; readonly size: number }): number {
    if (!memory.holds(at.count, 4) || !memory.holds(at.size, 4)) return ERRNO.fault;
    memory.setU32(at.count, this.#offsets.length);
    memory.setU32(at.size, this.#bytes.length);
    return ERRNO.success;
  }

  /** Writes pointers and bytes. Returns an error number. */
  write(memory: MemoryView, at: { readonly pointers: number; readonly bytes: number }): number {
    if (!memory.holds(at.pointers, this.#offsets.length * 4) || !memory.holds(at.bytes, this.#bytes.length)) {
      return ERRNO.fault;
    }
    memory.put(at.bytes, this.#bytes);
    for (const [index, offset] of this.#offsets.entries()) {
      memory.setU32(at.pointers + index * 4, at.bytes + offset);
    }
    return ERRNO.success;
  }
}
