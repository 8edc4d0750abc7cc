/**
 * What a module carries beside its code, as a stream of windows: its data as it will lie in memory, and its custom
 * sections. Pieces that lie side by side in memory are read as one, in the order of their addresses, so that a text that
 * is cut into pieces is found all the same.
 */
import { InstructionReader } from "../wasm/instructions.ts";
import type { CustomSection, DataSegment, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";

/** Bytes of a window. */
export const WINDOW: number = 1 << 20;

/** Bytes that a window has in common with the one before: what is looked for is shorter. */
export const OVERLAP = 1 << 10;

/** Stands between pieces that do not lie side by side; part of no text. */
const SEPARATOR = 0x01;

/** Custom sections that are not looked into: addresses in them are those of sources. */
const NOT_READ = /^(?:\.debug_|reloc\.|linking$|sourceMapping|external_debug_info$)/;

/** A stretch of bytes. */
export interface DataWindow {
  readonly bytes: Uint8Array;
  /** Where the new bytes begin: those before were in the last window, too. */
  readonly fresh: number;
  /** Where what begins is in the next window, too, and is to be looked at there. */
  readonly settled: number;
  /** The offset in the module of a byte of the window. */
  readonly offsetOf: (place: number) => number;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  /** Whether it lies behind the piece before it without a gap. */
  readonly joined: boolean;
}

/** The number that a constant expression gives, where it is a single constant. */
function constantOf(reader: InstructionReader, { position }: DataSegment): number | undefined {
  if (position === undefined) return undefined;
  reader.reset(position.start, position.end);
  if (!reader.next()) return undefined;
  const value = reader.key === I32 ? reader.i32 >>> 0 : reader.key === I64 ? Number(reader.i64) : undefined;
  return reader.next() && reader.key === END ? value : undefined;
}

const I32 = op("i32.const"), I64 = op("i64.const"), END = op("end");

function* pieces(module: Module): Generator<Piece> {
  const reader = new InstructionReader(module.bytes);
  const placed: { segment: DataSegment; address: number }[] = [], others: DataSegment[] = [];
  for (const segment of module.data) {
    const address = constantOf(reader, segment);
    if (address === undefined) others.push(segment);
    else placed.push({ segment, address });
  }
  placed.sort((one, other) => one.segment.memory - other.segment.memory || one.address - other.address);
  let next = -1, memory = -1;
  for (const { segment: { start, end, memory: own }, address } of placed) {
    if (start === end) continue;
    yield { start, end, joined: own === memory && address === next };
    memory = own;
    next = address + end - start;
  }
  for (const { start, end } of others) yield { start, end, joined: false };
  for (const { start, end, name } of module.customs as readonly CustomSection[]) {
    if (!NOT_READ.test(name)) yield { start, end, joined: false };
  }
}

/** The windows of a module. Each is good until the next one is asked for. */
export function* dataWindows(module: Module): Generator<DataWindow> {
  const bytes = new Uint8Array(WINDOW), { bytes: source } = module;
  // Where runs of the window begin, in the window and in the module.
  let places: number[] = [], offsets: number[] = [], length = 0, fresh = 0;
  const offsetOf = (place: number): number => {
    let low = 0, high = places.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((places[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return (offsets[low] ?? 0) + place - (places[low] ?? 0);
  };
  const window = (isLast: boolean): DataWindow => {
    return { bytes: bytes.subarray(0, length), fresh, settled: isLast ? length : length - OVERLAP, offsetOf };
  };
  const turn = () => {
    const kept = OVERLAP, from = length - kept;
    const runs = places.map((place, at) => [place, offsets[at] ?? 0] as const)
      .filter((_, at) => (places[at + 1] ?? length) > from)
      .map(([place, offset]) => place < from ? [0, offset + from - place] : [place - from, offset]);
    bytes.copyWithin(0, from, length);
    places = runs.map(([place = 0]) => place);
    offsets = runs.map(([, offset = 0]) => offset);
    length = fresh = kept;
  };
  for (const { start, end, joined } of pieces(module)) {
    if (!joined && length > 0) {
      if (length === WINDOW) {
        yield window(false);
        turn();
      }
      places.push(length);
      offsets.push(start);
      bytes[length++] = SEPARATOR;
    }
    for (let at = start; at < end;) {
      if (length === WINDOW) {
        yield window(false);
        turn();
      }
      const part = Math.min(end - at, WINDOW - length);
      places.push(length);
      offsets.push(at);
      bytes.set(source.subarray(at, at + part), length);
      length += part;
      at += part;
    }
  }
  if (length > 0) yield window(true);
}
