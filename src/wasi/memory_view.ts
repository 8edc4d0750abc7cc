/** The buffer of a guest's memory as it is now; undefined while or when there is none. */
export type GuestMemory = () => ArrayBuffer | undefined;

/**
 * A guest's memory as the functions see it. Addresses and lengths come from the guest: `holds()` is asked for every
 * range before the range is used, with unsigned numbers, so that sums cannot wrap. Access outside throws, and no
 * caller relies on that.
 *
 * Growing replaces the buffer, so `refresh()` comes at the start of every call and behind everything that may let
 * other code run.
 */
export class MemoryView {
  readonly #source: GuestMemory;
  #buffer: ArrayBuffer;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;

  constructor(source: GuestMemory) {
    this.#source = source;
    this.#buffer = new ArrayBuffer(0);
    this.#bytes = new Uint8Array(this.#buffer);
    this.#view = new DataView(this.#buffer);
  }

  /** Looks which buffer the memory has now. */
  refresh(): void {
    const buffer = this.#source() ?? new ArrayBuffer(0);
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** Whether `length` bytes from `at` on lie inside; both are greater than or equal to 0. */
  holds(at: number, length: number): boolean {
    return at + length <= this.#bytes.length;
  }

  /** The bytes themselves, not a copy. */
  bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(at, at + length);
  }

  /** Copies `bytes` to `at`. */
  put(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  fill(at: number, length: number): void {
    this.#bytes.fill(0, at, at + length);
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  u64(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }

  setU8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  setU16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  setU64(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }
}

/** The bytes of a range that the guest gave, in place; undefined when it lies outside the memory. */
export function guestBytes(
  memory: GuestMemory,
  pointer: number,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  const view = new MemoryView(memory), at = pointer >>> 0, count = length >>> 0;
  view.refresh();
  return view.holds(at, count) ? view.bytes(at, count) : undefined;
}
