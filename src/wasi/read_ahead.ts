/**
 * Reading ahead: a program that reads a file in small pieces, one behind the other, gets most of them from a buffer of
 * ours, since an operation costs more than the copy. What was read ahead never outlives a change of the file that a
 * sandbox of this runtime made, and outlives one that came from elsewhere by {@linkcode FRESH} at most.
 */
import type { WasiHost } from "./host.ts";

/** Bytes of a buffer at most. */
const LARGEST = 256 * 1024;

/** Bytes that are read ahead first; doubled each time while the file is read on. */
const FIRST = 32 * 1024;

/** Buffers of a sandbox at most, 8 MiB in all; a file that gets none is read without. */
const MOST_BUFFERS = 32;

/** Reads in a row after which more than asked for is read. */
const RUN = 2;

/** Milliseconds for which what was read is good. */
const FRESH = 20;

/** What one descriptor has read ahead, and how it has been reading. */
export class ReadAhead {
  /** Where the next read begins if the file is read on; reads seen so far that did. */
  next = -1;
  run = 0;
  /** Bytes to read next time. */
  window = FIRST;
  buffer: Uint8Array<ArrayBuffer> | undefined;
  /** The content: `length` bytes from `start` on, good while the file's word is `stamp`, read at `time`. */
  start = 0;
  length = 0;
  stamp = 0;
  time = 0;

  constructor(readonly file: number) {}
}

/** All that a sandbox reads ahead. */
export class ReadAheads {
  readonly #host: Pick<WasiHost, "changes" | "now" | "room">;
  readonly #largest: number;
  /** Those that have a buffer. */
  readonly #active: Set<ReadAhead> = new Set();
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(host: Pick<WasiHost, "changes" | "now" | "room">) {
    this.#host = host;
    // Without words that count changes nothing would tell that a file has changed.
    this.#largest = host.changes.length === 0 ? 0 : Math.min(LARGEST, host.room);
  }

  /** Buffers in use. */
  get size(): number {
    return this.#active.size;
  }

  /** Begins a life: nothing of the last one is left in a buffer. */
  reset(): void {
    for (const ahead of this.#active) ahead.buffer = undefined;
    this.#active.clear();
    this.#spare.length = 0;
  }

  /** What has been read of the file from `offset` on, if it still holds. */
  held(ahead: ReadAhead, offset: number): Uint8Array | undefined {
    const from = offset - ahead.start, { buffer, length } = ahead;
    if (buffer === undefined || from < 0 || from >= length) return undefined;
    if (ahead.stamp !== this.stamp(ahead.file) || this.#host.now() - ahead.time > FRESH) {
      ahead.length = 0;
      return undefined;
    }
    return buffer.subarray(from, length);
  }

  /** Bytes to read ahead now that `wanted` are to be read at `offset`; 0 to read just those. */
  wish(ahead: ReadAhead, offset: number, wanted: number): number {
    if (wanted * 2 > this.#largest || offset !== ahead.next || ahead.run < RUN) return 0;
    if (ahead.buffer === undefined) {
      if (this.#active.size >= MOST_BUFFERS) return 0;
      ahead.buffer = this.#spare.pop() ?? new Uint8Array(this.#largest);
      this.#active.add(ahead);
    }
    let window = ahead.window;
    while (window < wanted * 2) window *= 2;
    ahead.window = Math.min(window * 2, LARGEST);
    return Math.min(window, this.#largest);
  }

  /** The word that tells whether a file has changed; taken before the operation whose result is kept. */
  stamp(file: number): number {
    const { changes } = this.#host;
    return Atomics.load(changes, file % changes.length);
  }

  /** Takes a copy of what was read ahead. */
  keep(ahead: ReadAhead, bytes: Uint8Array, at: { readonly offset: number; readonly stamp: number }): void {
    const { buffer } = ahead;
    if (buffer === undefined || bytes.length > buffer.length) return;
    buffer.set(bytes);
    ahead.start = at.offset;
    ahead.length = bytes.length;
    ahead.stamp = at.stamp;
    ahead.time = this.#host.now();
  }

  /** Notes that `count` bytes were read at `offset`. */
  note(ahead: ReadAhead, offset: number, count: number): void {
    ahead.run = offset === ahead.next ? ahead.run + 1 : 1;
    if (ahead.run === 1) ahead.window = FIRST;
    ahead.next = offset + count;
  }

  /** Forgets what was read of a file: the guest itself is changing it. */
  forget(file: number): void {
    for (const ahead of this.#active) if (ahead.file === file) ahead.length = 0;
  }

  /** Takes back what a descriptor had: it is closed. */
  release(ahead: ReadAhead): void {
    if (!this.#active.delete(ahead) || ahead.buffer === undefined) return;
    this.#spare.push(ahead.buffer);
    ahead.buffer = undefined;
    ahead.length = 0;
  }
}
