/**
 * Reads primitive values from the bytes of a module. Every position is absolute, so that every error can say where;
 * nothing is read at or past `limit`. `what` names the thing being read, for the message of the error.
 *
 * Hot: instructions are decoded through here at 140 MB/s and more, so the case of one byte stands in front, and
 * nothing allocates but the methods that return bigints, strings and byte ranges.
 */
import { lebTooLarge, lebTooLong, malformedUtf8, outOfBounds, truncated } from "./read_errors.ts";

// `ignoreBOM` keeps a leading byte order mark: in a name it is a character like any other.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The byte at a position that the caller has compared with the limit; `as` since the compiler cannot see that. */
export function byteAt(bytes: Uint8Array, position: number): number {
  return bytes[position] as number;
}

export class Cursor {
  /** Of the next byte. */
  position: number;

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    /** Of the first byte that must not be read. */
    public limit: number = bytes.length,
  ) {
    this.position = start;
  }

  /** The next byte, not read; -1 at the limit. */
  peek(): number {
    return this.position < this.limit ? byteAt(this.bytes, this.position) : -1;
  }

  u8(what: string): number {
    const position = this.position;
    if (position >= this.limit) throw truncated(what, this.limit);
    this.position = position + 1;
    return byteAt(this.bytes, position);
  }

  u32(what: string): number {
    const position = this.position;
    if (position < this.limit) {
      const byte = byteAt(this.bytes, position);
      if (byte < 0x80) {
        this.position = position + 1;
        return byte;
      }
    }
    return this.longU32(what);
  }

  s32(what: string): number {
    const position = this.position;
    if (position < this.limit) {
      const byte = byteAt(this.bytes, position);
      if (byte < 0x80) {
        this.position = position + 1;
        return byte << 25 >> 25;
      }
    }
    return this.longS32(what);
  }

  /** A signed number of 33 bits. */
  s33(what: string): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8(what);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value << (25 - shift) >> (25 - shift);
    }
    const byte = this.u8(what);
    if (byte > 0x7f) throw lebTooLong(what, 5, this.position - 1);
    const high = byte << 27 >> 27; // 5 bits are left, the uppermost is the sign
    if (high !== byte << 25 >> 25) throw lebTooLarge(what, 33, this.position - 1);
    return high * 2 ** 28 + value;
  }

  u64(what: string): bigint {
    const start = this.position;
    this.skipU64(what);
    return decodeLeb(this.bytes, start, this.position);
  }

  s64(what: string): bigint {
    const start = this.position;
    this.skipS64(what);
    return i64At(this.bytes, start);
  }

  /** An unsigned number of 64 bits as a number: exact below 2^53, and 2^53 from there on. */
  u64Clamped(what: string): number {
    const start = this.position;
    if (start < this.limit) {
      const byte = byteAt(this.bytes, start);
      if (byte < 0x80) {
        this.position = start + 1;
        return byte;
      }
    }
    this.skipU64(what);
    const end = this.position;
    let value = 0;
    for (let at = end - 1; at >= start; at--) value = value * 128 + (byteAt(this.bytes, at) & 0x7f);
    return Math.min(value, 2 ** 53);
  }

  skipU64(what: string): void {
    for (let length = 1; length < 10; length++) {
      if (this.u8(what) < 0x80) return;
    }
    const byte = this.u8(what);
    if (byte > 0x7f) throw lebTooLong(what, 10, this.position - 1);
    if (byte > 1) throw lebTooLarge(what, 64, this.position - 1);
  }

  skipS64(what: string): void {
    for (let length = 1; length < 10; length++) {
      if (this.u8(what) < 0x80) return;
    }
    const byte = this.u8(what);
    if (byte > 0x7f) throw lebTooLong(what, 10, this.position - 1);
    if (byte !== 0 && byte !== 0x7f) throw lebTooLarge(what, 64, this.position - 1);
  }

  /** Moves over bytes and returns where they start. */
  skip(length: number, what: string): number {
    const start = this.position;
    if (length > this.limit - start) throw outOfBounds(what, length, this.limit - start, start);
    this.position = start + length;
    return start;
  }

  /** A length, and that many bytes of UTF-8. */
  name(what: string): string {
    const length = this.u32(what);
    const start = this.skip(length, what);
    try {
      return UTF8.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw malformedUtf8(what, start);
    }
  }

  /** Any length; the reader of instructions tries one byte itself. */
  protected longU32(what: string): number {
    const { bytes, limit } = this;
    let position = this.position;
    let value = 0;
    for (let shift = 0; position < limit; shift += 7) {
      const byte = byteAt(bytes, position++);
      if (shift === 28) checkLast(what, byte, byte <= 0x0f, position - 1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = position;
        return value >>> 0;
      }
    }
    throw truncated(what, limit);
  }

  /** Any length. */
  protected longS32(what: string): number {
    const { bytes, limit } = this;
    let position = this.position;
    let value = 0;
    for (let shift = 0; position < limit; shift += 7) {
      const byte = byteAt(bytes, position++);
      // Of the last byte 4 bits are left, the uppermost is the sign; the other 3 must repeat it.
      if (shift === 28) checkLast(what, byte, byte << 28 >> 28 === byte << 25 >> 25, position - 1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = position;
        return shift === 28 ? value : value << (25 - shift) >> (25 - shift);
      }
    }
    throw truncated(what, limit);
  }
}

/** The fifth byte of a number of 32 bits must be the last, and have no bits beyond them. */
function checkLast(what: string, byte: number, fits: boolean, offset: number): void {
  if (byte > 0x7f) throw lebTooLong(what, 5, offset);
  if (!fits) throw lebTooLarge(what, 32, offset);
}

/** The signed LEB128 number of 64 bits at a position where one was read or skipped before. */
export function i64At(bytes: Uint8Array, start: number): bigint {
  let end = start;
  while (byteAt(bytes, end) > 0x7f) end++;
  end++;
  return BigInt.asIntN(Math.min(64, 7 * (end - start)), decodeLeb(bytes, start, end));
}

/** The unsigned LEB128 number of 64 bits at a position where one was read or skipped before. */
export function u64At(bytes: Uint8Array, start: number): bigint {
  let end = start;
  while (byteAt(bytes, end) > 0x7f) end++;
  return decodeLeb(bytes, start, end + 1);
}

/** The payload bits of a LEB128 number, unsigned; in parts of 28 bits, since bigint arithmetic is slow. */
function decodeLeb(bytes: Uint8Array, start: number, end: number): bigint {
  const parts = [0, 0, 0];
  for (let at = start; at < end; at++) {
    const digit = at - start;
    const part = digit >> 2;
    parts[part] = (parts[part] ?? 0) | (byteAt(bytes, at) & 0x7f) << 7 * (digit & 3);
  }
  const [low = 0, middle = 0, high = 0] = parts;
  if (high === 0 && middle < 2 ** 25) return BigInt(low + middle * 2 ** 28);
  return BigInt(low) | BigInt(middle) << 28n | BigInt(high) << 56n;
}
