/**
 * Data as bytes, for messages between processes: what structured clone carries between threads, as far as messages use
 * it. Both ends are in this file. Bytes may come from a process that runs hostile code: nothing is allocated for more
 * than there are bytes, whatever a count says, and what nests too deep is refused.
 */
const TAGS = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  text: 6,
  bytes: 7,
  words: 8,
  list: 9,
  record: 10,
  map: 11,
  /** From 2^63 to 2^64 - 1: limits of memories and tables may be that large. */
  unsigned: 12,
  integers: 13,
  halves: 14,
  longs: 15,
  floats: 16,
} as const;

/** Arrays of numbers beside bytes: they travel as their bytes, little-endian as every machine that runs Deno. */
const ARRAYS = [
  { tag: TAGS.words, type: Uint32Array },
  { tag: TAGS.integers, type: Int32Array },
  { tag: TAGS.halves, type: Uint16Array },
  { tag: TAGS.longs, type: BigInt64Array },
  { tag: TAGS.floats, type: Float64Array },
] as const;

/** A value that does not travel, or bytes that are no value. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** Levels of lists, records and maps in each other. */
const MOST_DEPTH = 64;

const ENCODER = new TextEncoder(), DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Collects bytes, in an array that doubles. */
class DataWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;

  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): number {
    const at = this.#length, end = at + count;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.written);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = end;
    return at;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  i64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value, true);
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  value(value: unknown, depth: number): void {
    if (depth > MOST_DEPTH) throw new DataError("Cannot send data that nests so deep");
    switch (typeof value) {
      case "undefined":
        return this.u8(TAGS.undefined);
      case "boolean":
        return this.u8(value ? TAGS.true : TAGS.false);
      case "number":
        this.u8(TAGS.number);
        return this.f64(value);
      case "bigint":
        return this.#bigint(value);
      case "string":
        this.u8(TAGS.text);
        return this.bytes(ENCODER.encode(value));
      case "object":
        return value === null ? this.u8(TAGS.null) : this.#object(value, depth + 1);
      default:
        throw new DataError(`Cannot send a ${typeof value} to another process`);
    }
  }

  #bigint(value: bigint): void {
    const signed = BigInt.asIntN(64, value) === value;
    if (!signed && BigInt.asUintN(64, value) !== value) {
      throw new DataError(`Cannot send ${value} to another process: it does not fit into 64 bits`);
    }
    this.u8(signed ? TAGS.bigint : TAGS.unsigned);
    this.i64(value);
  }

  #object(value: object, depth: number): void {
    if (value instanceof Uint8Array) {
      this.u8(TAGS.bytes);
      return this.bytes(value);
    }
    for (const { tag, type } of ARRAYS) {
      if (!(value instanceof type)) continue;
      this.u8(tag);
      return this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
    if (Array.isArray(value)) {
      this.u8(TAGS.list);
      this.u32(value.length);
      for (const item of value) this.value(item, depth);
      return;
    }
    if (value instanceof Map) {
      this.u8(TAGS.map);
      this.u32(value.size);
      for (const [key, item] of value) {
        this.value(key, depth);
        this.value(item, depth);
      }
      return;
    }
    this.#record(value, depth);
  }

  #record(value: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new DataError(`Cannot send a ${value.constructor.name} to another process`);
    }
    const entries = Object.entries(value);
    this.u8(TAGS.record);
    this.u32(entries.length);
    for (const [key, item] of entries) {
      this.bytes(ENCODER.encode(key));
      this.value(item, depth);
    }
  }
}

/** Reads values from bytes that anybody may have written. */
class DataReader {
  #position = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.#position === this.bytes.length;
  }

  #take(count: number): number {
    const at = this.#position;
    if (count > this.bytes.length - at) throw new DataError("Cannot read data past its end");
    this.#position = at + count;
    return at;
  }

  #count(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    const length = this.#count(), at = this.#take(length);
    return Uint8Array.from(this.bytes.subarray(at, at + length));
  }

  value(depth: number): unknown {
    if (depth > MOST_DEPTH) throw new DataError("Cannot read data that nests so deep");
    const tag = this.#view.getUint8(this.#take(1));
    switch (tag) {
      case TAGS.undefined:
        return undefined;
      case TAGS.null:
        return null;
      case TAGS.false:
        return false;
      case TAGS.true:
        return true;
      case TAGS.number:
        return this.#view.getFloat64(this.#take(8), true);
      case TAGS.bigint:
        return this.#view.getBigInt64(this.#take(8), true);
      case TAGS.unsigned:
        return this.#view.getBigUint64(this.#take(8), true);
      case TAGS.text:
        return DECODER.decode(this.#bytes());
      case TAGS.bytes:
        return this.#bytes();
      case TAGS.list:
        return this.#list(depth + 1);
      case TAGS.record:
        return this.#record(depth + 1);
      case TAGS.map:
        return this.#map(depth + 1);
      default:
        return this.#array(tag);
    }
  }

  #array(tag: number): object {
    const row = ARRAYS.find((candidate) => candidate.tag === tag);
    if (row === undefined) throw new DataError(`Cannot read a value with tag ${tag}`);
    const bytes = this.#bytes();
    if (bytes.length % row.type.BYTES_PER_ELEMENT !== 0) {
      throw new DataError("Cannot read a part of a number");
    }
    return new row.type(bytes.buffer);
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    for (let left = this.#count(); left > 0; left--) list.push(this.value(depth));
    return list;
  }

  #map(depth: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    for (let left = this.#count(); left > 0; left--) map.set(this.value(depth), this.value(depth));
    return map;
  }

  #record(depth: number): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (let left = this.#count(); left > 0; left--) {
      const name = DECODER.decode(this.#bytes());
      if (name === "__proto__") throw new DataError(`Cannot read a field of that name: "${name}"`);
      record[name] = this.value(depth);
    }
    return record;
  }
}

/** @throws {DataError} for what does not travel: functions, instances of classes, shared memory */
export function encodeData(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new DataWriter();
  writer.value(value, 0);
  return writer.written;
}

/** @throws {DataError} for bytes that {@linkcode encodeData} does not write */
export function decodeData(bytes: Uint8Array): unknown {
  const reader = new DataReader(bytes), value = reader.value(0);
  if (!reader.ended) throw new DataError("Cannot read data that goes on after its end");
  return value;
}
