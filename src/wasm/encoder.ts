/**
 * Writes modules: what the instrumenter and the shim generator put bytes together with. It writes the shortest form of
 * every number, and does not check what it is given: input comes from a validated module or from our own code.
 */
import type { Limits64 } from "./module.ts";
import { ROWS } from "./opcodes.ts";
import { sectionId, type SectionName } from "./sections.ts";
import { heapOf, isAbstract, isNullable, isRef, type ValueType } from "./types.ts";

const UTF8 = new TextEncoder();

/** Bytes that the length of a section or body may take. */
const MOST_LENGTH_BYTES = 5;

/** Up to so many bytes a loop is faster than a copy by the engine, which takes a tenth of a microsecond. */
const SHORT = 64;

/** Bytes that grow at the end. */
export class ByteWriter {
  /** Number of bytes so far. */
  position = 0;
  private buffer: Uint8Array<ArrayBuffer>;

  /** @param capacity in bytes, a guess at what will be written; it doubles when exceeded */
  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(Math.max(capacity, 16));
  }

  u8(byte: number): void {
    if (this.position === this.buffer.length) this.grow(1);
    this.buffer[this.position++] = byte;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.u8(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  /** Signed LEB128 of a number of 32 bits. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.u8(rest & 0x7f | 0x80);
      rest >>= 7;
    }
    this.u8(rest & 0x7f);
  }

  u64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.u8(Number(rest));
  }

  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.u8(Number(rest & 0x7fn));
  }

  bytes(source: Uint8Array): void {
    this.copy(source, 0, source.length);
  }

  /** Copies the range `start` … `end` of other bytes. */
  copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    const { buffer, position } = this;
    if (length <= SHORT) { for (let i = 0; i < length; i++) buffer[position + i] = source[start + i] ?? 0; }
    else buffer.set(source.subarray(start, end), position);
    this.position = position + length;
  }

  /** Length in bytes, then UTF-8. */
  name(text: string): void {
    const encoded = UTF8.encode(text);
    this.u32(encoded.length);
    this.bytes(encoded);
  }

  /**
   * Writes a length, and what `writeBody` writes behind it. While it writes, `position` stands a few bytes too far:
   * the length is as short as can be, and known only at the end.
   *
   * @returns the final position of the first byte behind the length
   */
  sized(writeBody: () => void): number {
    const lengthAt = this.position;
    this.reserve(MOST_LENGTH_BYTES);
    const provisional = lengthAt + MOST_LENGTH_BYTES;
    this.position = provisional;
    writeBody();
    const end = this.position;
    this.position = lengthAt;
    this.u32(end - provisional);
    const start = this.position;
    this.buffer.copyWithin(start, provisional, end);
    this.position = start + end - provisional;
    return start;
  }

  /** Writes a section, by id or name; returns what {@linkcode sized} returns. */
  section(section: number | SectionName, writeBody: () => void): number {
    this.u8(typeof section === "number" ? section : sectionId(section));
    return this.sized(writeBody);
  }

  /** The eight bytes that a module begins with. */
  header(): void {
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) this.u8(byte);
  }

  /** What was written. It is no copy: the next write may change it. */
  written(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.position);
  }

  private reserve(length: number): void {
    if (this.position + length > this.buffer.length) this.grow(length);
  }

  private grow(length: number): void {
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.position + length));
    larger.set(this.buffer.subarray(0, this.position));
    this.buffer = larger;
  }
}

/** Writes the opcode with this dense key. */
export function writeOpcode(writer: ByteWriter, key: number): void {
  const row = ROWS[key];
  if (row === undefined) throw new RangeError(`Cannot write opcode ${key}: there is no such key`);
  writer.u8(row.prefix);
  if (key > 0xff) writer.u32(row.sub);
}

/** Writes any value type or packed type, references in their short form where one exists. */
export function writeValueType(writer: ByteWriter, type: ValueType): void {
  if (!isRef(type)) writer.u8(type);
  else if (isAbstract(type) && isNullable(type)) writer.u8(heapOf(type));
  else {
    writer.u8(isNullable(type) ? 0x63 : 0x64);
    writeHeapType(writer, type);
  }
}

/** Writes the heap type of a reference type. */
export function writeHeapType(writer: ByteWriter, type: ValueType): void {
  if (isAbstract(type)) writer.u8(heapOf(type));
  else writer.s32(heapOf(type)); // below 2^24, and signed as the format wants it
}

/** Writes a function type with its leading byte. */
export function writeFunctionType(
  writer: ByteWriter,
  type: { readonly params: readonly ValueType[]; readonly results: readonly ValueType[] },
): void {
  writer.u8(0x60);
  for (const types of [type.params, type.results]) {
    writer.u32(types.length);
    for (const item of types) writeValueType(writer, item);
  }
}

/** Writes flags, minimum and maximum of a memory or table. */
export function writeLimits(writer: ByteWriter, limits: Limits64 & { readonly shared?: boolean }): void {
  const { min, max, index64, shared = false } = limits;
  writer.u8((max === undefined ? 0 : 1) | (shared ? 2 : 0) | (index64 ? 4 : 0));
  writer.u64(min);
  if (max !== undefined) writer.u64(max);
}
