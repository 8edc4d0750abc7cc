/** Frames: sequences of little-endian values and length-prefixed bytes in the frame area. Both ends are in this file. */
import { FIRST_FRAME_SIZE, FRAME_START } from "./layout.ts";
import { isContentKind, type Kind } from "../core/signature.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { Value } from "../core/value.ts";

/** A value in a frame: what lies in a guest's memory crosses as its bytes. */
export type FrameValue = Value | Uint8Array;

/** Numbers of kinds in frames. */
const KIND_CODES = {
  i32: 0,
  i64: 1,
  f32: 2,
  f64: 3,
  string: 4,
  bytes: 5,
  json: 6,
  msgpack: 7,
} as const satisfies Record<Kind, number>;

const KIND_BY_CODE = Object.keys(KIND_CODES) as Kind[]; // its own keys, in the order of their numbers

/** A frame that is longer than the limit, or that ends before its content does. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** The error for more bytes than a frame of this buffer can have. Messages are for who made the sandbox, and know the limit by its name. */
export function tooLong(bytes: number, { maxByteLength }: SharedArrayBuffer): FrameError {
  const limit = formatByteSize(maxByteLength - FRAME_START);
  return new FrameError(
    `Cannot send ${bytes} bytes in one frame: the limit is ${limit}; raise frameSize, or send less at once`,
  );
}

/** Stands for no kind. */
const NO_KIND = 255;

// A byte order mark at the front of a name is a character of it like any other.
const ENCODER = new TextEncoder(), DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes from an offset to the next multiple of eight. */
function padding(at: number): number {
  return -at & 7;
}

/** Bytes of the length before `bytes`. */
const LENGTH_SIZE = 4;

/** Makes the shared buffer of a channel; it can grow to hold a frame of `frameLimit` bytes. */
export function createSharedBuffer(frameLimit: number): SharedArrayBuffer {
  return new SharedArrayBuffer(FRAME_START + FIRST_FRAME_SIZE, {
    maxByteLength: FRAME_START + Math.max(frameLimit, FIRST_FRAME_SIZE),
  });
}

/**
 * One side's views of a channel's buffer. They are of fixed length: those that follow a buffer as it grows are five times as
 * slow, and asking it for its length costs as much as writing twenty values.
 */
export class FrameArea {
  #size: number;
  #view: DataView;
  #bytes: Uint8Array;

  constructor(readonly buffer: SharedArrayBuffer) {
    this.#size = buffer.byteLength;
    this.#view = new DataView(buffer, 0, this.#size);
    this.#bytes = new Uint8Array(buffer, 0, this.#size);
  }

  get view(): DataView {
    return this.#view;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Whether the buffer reaches to an offset; if so the views do. */
  reaches(end: number): boolean {
    if (end <= this.#size) return true;
    if (this.buffer.byteLength > this.#size) this.#look();
    return end <= this.#size;
  }

  /** Makes the buffer reach to an offset. @throws {FrameError} for more than it may have */
  grow(end: number): void {
    if (this.reaches(end)) return;
    const { buffer } = this, { maxByteLength } = buffer;
    if (end > maxByteLength) {
      throw tooLong(end - FRAME_START, buffer);
    }
    buffer.grow(Math.min(maxByteLength, Math.max(end, buffer.byteLength * 2)));
    this.#look();
  }

  #look(): void {
    this.#size = this.buffer.byteLength;
    this.#view = new DataView(this.buffer, 0, this.#size);
    this.#bytes = new Uint8Array(this.buffer, 0, this.#size);
  }
}

/** Writes one frame; the buffer grows as it fills. Used by the side that has the turn. */
export class FrameWriter {
  #position = FRAME_START;
  readonly #area: FrameArea;
  readonly buffer: SharedArrayBuffer;

  constructor(area: FrameArea) {
    this.#area = area;
    this.buffer = area.buffer;
  }

  /** Bytes written. */
  get length(): number {
    return this.#position - FRAME_START;
  }

  /** Forgets what was written. */
  rewind(): void {
    this.#position = FRAME_START;
  }

  #reserve(count: number): number {
    const at = this.#position, end = at + count;
    this.#area.grow(end);
    this.#position = end;
    return at;
  }

  /**
   * Where the content of an `alignedBytes()` will lie that comes after `ahead` bytes more. Who puts its content there,
   * and gives the front of this view to `alignedBytes()`, saves a copy. Shorter than `most` when a frame holds no more.
   */
  place(most: number, ahead: number): Uint8Array<SharedArrayBuffer> {
    const head = this.#position + ahead + LENGTH_SIZE, at = head + padding(head);
    this.#area.grow(at);
    const count = Math.min(most, this.buffer.maxByteLength - at);
    this.#area.grow(at + count);
    return new Uint8Array(this.buffer, at, count);
  }

  u8(value: number): void {
    const at = this.#reserve(1); // before the view is looked at, which it may replace
    this.#area.view.setUint8(at, value);
  }

  u32(value: number): void {
    const at = this.#reserve(4); // before the view is looked at, which it may replace
    this.#area.view.setUint32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#reserve(8); // before the view is looked at, which it may replace
    this.#area.view.setFloat64(at, value, true);
  }

  i64(value: bigint): void {
    const at = this.#reserve(8); // before the view is looked at, which it may replace
    this.#area.view.setBigInt64(at, value, true);
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    const at = this.#reserve(value.length);
    if (value.buffer !== this.buffer || value.byteOffset !== at) this.#area.bytes.set(value, at);
  }

  /** Bytes whose content begins at a multiple of eight: copying them is five times as fast. */
  alignedBytes(value: Uint8Array): void {
    this.u32(value.length);
    this.#reserve(padding(this.#position));
    const at = this.#reserve(value.length);
    if (value.buffer !== this.buffer || value.byteOffset !== at) this.#area.bytes.set(value, at);
  }

  /** Bytes that are all the rest of the frame, without a length. */
  rest(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#area.bytes.set(value, at);
  }

  string(value: string): void {
    this.bytes(ENCODER.encode(value));
  }

  /** @param kinds one for each value; content is bytes */
  values(values: readonly FrameValue[], kinds: readonly Kind[]): void {
    this.u32(values.length);
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0, kind = kinds[index] ?? "i32";
      this.u8(KIND_CODES[kind]);
      if (typeof value === "object") this.alignedBytes(value);
      else if (kind === "i64") this.i64(BigInt.asIntN(64, BigInt(value)));
      else this.f64(Number(value));
    }
  }

  /** A kind, or that there is none. */
  kind(kind: Kind | undefined): void {
    this.u8(kind === undefined ? NO_KIND : KIND_CODES[kind]);
  }
}

/** Reads one frame of a length that the other side has given; copies what it returns, unless a method says otherwise. */
export class FrameReader {
  #position = FRAME_START;
  readonly #end: number;
  readonly #view: DataView;
  readonly buffer: SharedArrayBuffer;

  /** @throws {FrameError} for a length that the buffer has not */
  constructor(area: FrameArea, length: number) {
    this.#end = FRAME_START + length;
    if (length < 0 || !area.reaches(this.#end)) {
      throw new FrameError(`Cannot read a frame of ${length} bytes`);
    }
    this.#view = area.view;
    this.buffer = area.buffer;
  }

  #take(count: number): number {
    const at = this.#position;
    if (count > this.#end - at) throw new FrameError("Cannot read past the end of a frame");
    this.#position = at + count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#copy(this.u32());
  }

  #copy(length: number): Uint8Array<ArrayBuffer> {
    // A copy made so is not filled with zeros before: several times as fast for a megabyte as one that is set.
    return new Uint8Array(new Uint8Array(this.buffer, this.#take(length), length));
  }

  /** What `alignedBytes()` wrote. */
  alignedBytes(): Uint8Array<ArrayBuffer> {
    const length = this.u32();
    this.#take(padding(this.#position));
    return this.#copy(length);
  }

  /**
   * What `alignedBytes()` wrote, where it lies in the frame: no copy, and changed by whoever writes the next frame. Only for content that is
   * copied once more at once, and that nobody parses.
   */
  bytesInPlace(): Uint8Array {
    const length = this.u32();
    this.#take(padding(this.#position));
    return new Uint8Array(this.buffer, this.#take(length), length);
  }

  /** Whether nothing is left of the frame. */
  get ended(): boolean {
    return this.#position >= this.#end;
  }

  /** All that is left of the frame. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.#copy(this.#end - this.#position);
  }

  string(): string {
    return DECODER.decode(this.bytes());
  }

  /**
   * Values of these kinds, content as its bytes. Nothing else is read: what says more was written by nobody honest.
   *
   * @throws {FrameError} for others, or another number of them
   */
  values(kinds: readonly Kind[]): FrameValue[] {
    const count = this.u32();
    if (count !== kinds.length) {
      throw new FrameError(`Cannot read ${count} values in place of ${kinds.length}`);
    }
    return kinds.map((kind) => {
      if (this.u8() !== KIND_CODES[kind]) {
        throw new FrameError(`Cannot read a value of another type as ${kind}`);
      }
      if (isContentKind(kind)) return this.alignedBytes();
      if (kind === "i64") return this.i64();
      const value = this.f64();
      if (kind === "f64") return value;
      if (kind === "f32") return Math.fround(value);
      if ((value | 0) !== value) throw new FrameError(`Cannot read ${value} as ${kind}`);
      return value;
    });
  }

  /** Values of whatever kinds, content where it lies, as {@linkcode bytesInPlace} has it. Only of who is believed. */
  valuesInPlace(): FrameValue[] {
    const count = this.u32(), values: FrameValue[] = [];
    for (let i = 0; i < count; i++) {
      const kind = KIND_BY_CODE[this.u8()];
      if (kind === undefined) throw new FrameError("Cannot read a value of unknown type");
      if (isContentKind(kind)) values.push(this.bytesInPlace());
      else values.push(kind === "i64" ? this.i64() : this.f64());
    }
    return values;
  }

  /** @returns undefined where there is none */
  kind(): Kind | undefined {
    const code = this.u8();
    if (code === NO_KIND) return undefined;
    const kind = KIND_BY_CODE[code];
    if (kind === undefined) throw new FrameError("Cannot read a kind that there is none of");
    return kind;
  }
}
