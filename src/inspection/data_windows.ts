/**
 * What a module carries beside its code, as a stream of windows: its data as it will lie in memory, and its custom
 * sections. Pieces that lie side by side in memory are read as one, in the order of their addresses, so that a text that
 * is cut into pieces is found all the same.
 */
import type { CustomSection, DataSegment, Module } from "../wasm/module.ts";
import { isComponent } from "../wasm/module_kind.ts";
import { type SegmentPlace, SegmentPlaces } from "./segment_places.ts";

/** Bytes of a window. */
export const WINDOW: number = 1 << 20;

/** Bytes that a window has in common with the one before: what is looked for is shorter. */
const OVERLAP = 1 << 10;

/** Stands between pieces that do not lie side by side; part of no text. */
const SEPARATOR = 0x01;

/** Custom sections that are not looked into: addresses in them are those of sources. */
const NOT_READ = /^(?:\.debug_|reloc\.|linking$|sourceMapping|external_debug_info$)/;

/** Custom sections whose contents are a component that holds types and no program, and the bytes that it begins with. */
const TYPES = /^component-type/, COMPONENT_HEAD = 8;

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

function* pieces(module: Module): Generator<Piece> {
  const places = new SegmentPlaces(module);
  const placed: { segment: DataSegment; place: SegmentPlace }[] = [], others: DataSegment[] = [];
  for (const segment of module.data) {
    const place = places.of(segment);
    if (place === undefined) others.push(segment);
    else placed.push({ segment, place });
  }
  placed.sort((one, other) =>
    one.segment.memory - other.segment.memory || one.place.base - other.place.base ||
    one.place.address - other.place.address
  );
  let next = -1, memory = -1, base = -1;
  for (const { segment: { start, end, memory: own }, place } of placed) {
    if (start === end) continue;
    yield { start, end, joined: own === memory && place.base === base && place.address === next };
    memory = own;
    base = place.base;
    next = place.address + end - start;
  }
  for (const { start, end } of others) yield { start, end, joined: false };
  for (const { start, end, name } of module.customs as readonly CustomSection[]) {
    if (NOT_READ.test(name)) continue;
    const isTypes = TYPES.test(name) && isComponent(module.bytes.subarray(start, end));
    yield { start: isTypes ? start + COMPONENT_HEAD : start, end, joined: false };
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
