import type { MemoryView } from "./memory_view.ts";
import { ERRNO } from "../protocol/errno.ts";

/** Pieces of memory that one call may name, as on Linux; what is above it is refused with `inval`. */
export const MOST_IOVECS = 1024;

/** Bytes that one call moves at most, as on Linux; a guest that names more gets a short count. */
export const MOST_BYTES = 0x7fff_f000;

const IOVEC_SIZE = 8;

/** Bytes up to which pieces that lie apart are written by one operation. */
const STAGE = 64 * 1024;

/**
 * The pieces of memory that a call reads into or writes from, and how far it has come in them. One object serves all
 * calls of a sandbox, so that a read or write allocates nothing.
 *
 *     iovec:  u32 address | u32 length
 */
export class Iovecs {
  readonly #starts = new Float64Array(MOST_IOVECS);
  readonly #lengths = new Float64Array(MOST_IOVECS);
  #count = 0;
  #index = 0;
  #within = 0;
  #remaining = 0;
  #stage = new Uint8Array(0);

  /**
   * Takes over a list from the guest's memory, every piece checked. Pieces may overlap; empty ones may lie anywhere.
   *
   * @returns an error number
   */
  load(memory: MemoryView, at: number, count: number): number {
    this.#count =
      this.#index =
      this.#within =
      this.#remaining =
        0;
    if (count > MOST_IOVECS) return ERRNO.inval;
    if (!memory.holds(at, count * IOVEC_SIZE)) return ERRNO.fault;
    let total = 0;
    for (let index = 0; index < count; index++) {
      const start = memory.u32(at + index * IOVEC_SIZE), length = memory.u32(at + index * IOVEC_SIZE + 4);
      if (length === 0) continue;
      if (!memory.holds(start, length)) return ERRNO.fault;
      this.#starts[this.#count] = start;
      this.#lengths[this.#count] = length;
      this.#count++;
      total += length;
    }
    this.#remaining = Math.min(total, MOST_BYTES);
    return ERRNO.success;
  }

  /** Bytes that are still to be moved. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Takes the next bytes of memory that lie in a row: at least one while any remain, at most `most`. */
  take(memory: MemoryView, most: number): Uint8Array<ArrayBuffer> {
    const start = this.#starts[this.#index] ?? 0, length = this.#lengths[this.#index] ?? 0;
    const from = start + this.#within, count = Math.min(length - this.#within, most, this.#remaining);
    this.#remaining -= count;
    this.#within += count;
    if (this.#within === length) {
      this.#index++;
      this.#within = 0;
    }
    return memory.bytes(from, count);
  }

  /** Copies bytes into memory until they or the room for them end. Returns how many. */
  scatter(memory: MemoryView, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length && this.#remaining > 0) {
      const piece = this.take(memory, bytes.length - done);
      piece.set(
        done === 0 && piece.length === bytes.length ? bytes : bytes.subarray(done, done + piece.length),
      );
      done += piece.length;
    }
    return done;
  }

  /**
   * Takes the next bytes to write, at least one while any remain and at most `most`: where they lie if many lie in a
   * row, else a copy of several pieces, good until the next call.
   */
  next(memory: MemoryView, most: number): Uint8Array<ArrayBuffer> {
    const row = (this.#lengths[this.#index] ?? 0) - this.#within, stage = Math.min(STAGE, most);
    if (row >= Math.min(stage, this.#remaining)) return this.take(memory, most);
    if (this.#stage.length < stage) this.#stage = new Uint8Array(stage);
    let done = 0;
    while (done < stage && this.#remaining > 0) {
      const piece = this.take(memory, stage - done);
      this.#stage.set(piece, done);
      done += piece.length;
    }
    return this.#stage.subarray(0, done);
  }
}
