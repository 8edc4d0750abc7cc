/** Where a call of WASI may write, by its arguments and by what stood in memory before: everything else stays as it is. */
import type { WasiFunctionName } from "../../src/wasi/functions.ts";

type Range = readonly [at: number, length: number];

/** A call that has been made. */
export interface MadeCall {
  /** Arguments, unsigned. */
  readonly args: readonly number[];
  /** The memory before it. */
  readonly before: DataView;
  /** Bytes of arguments or variables with their ends, and how many there are. */
  readonly strings: Readonly<Record<"args" | "env", readonly [count: number, bytes: number]>>;
  readonly filestat: number;
}

type Outputs = (call: MadeCall) => readonly Range[];

/** The result at an argument, of so many bytes. */
const at = (index: number, length: number): Outputs => ({ args }) => [[args[index] ?? 0, length]];

/** The room that two arguments name, and a result of so many bytes. */
const room = (start: number, length: number, result: number, size = 4): Outputs => ({ args }) => [
  [args[start] ?? 0, args[length] ?? 0],
  [args[result] ?? 0, size],
];

const PIECE = 8;

/** Pieces that are read into, and the count at an argument. */
const pieces = (result: number): Outputs => ({ args, before }) => {
  const [, list = 0, count = 0] = args, ranges: Range[] = [[args[result] ?? 0, 4]];
  for (let index = 0; index < Math.min(count, 1024); index++) {
    const place = list + index * PIECE;
    if (place + PIECE > before.byteLength) break;
    ranges.push([before.getUint32(place, true), before.getUint32(place + 4, true)]);
  }
  return ranges;
};

const strings = (kind: "args" | "env"): Outputs => ({ args: [pointers = 0, bytes = 0], strings }) => [
  [pointers, 4 * strings[kind][0]],
  [bytes, strings[kind][1]],
];

const twoSizes: Outputs = ({ args: [count = 0, size = 0] }) => [[count, 4], [size, 4]];

const EVENT = 32;

/** Those that write; all others write nothing. */
const OUTPUTS: Readonly<Partial<Record<WasiFunctionName, Outputs>>> = {
  args_get: strings("args"),
  args_sizes_get: twoSizes,
  environ_get: strings("env"),
  environ_sizes_get: twoSizes,
  clock_res_get: at(1, 8),
  clock_time_get: at(2, 8),
  fd_fdstat_get: at(1, 24),
  fd_filestat_get: ({ args, filestat }) => [[args[1] ?? 0, filestat]],
  fd_pread: pieces(4),
  fd_prestat_get: at(1, 8),
  fd_prestat_dir_name: ({ args: [, start = 0, length = 0] }) => [[start, length]],
  fd_pwrite: at(4, 4),
  fd_read: pieces(3),
  fd_readdir: room(1, 2, 4),
  fd_seek: at(3, 8),
  fd_tell: at(1, 8),
  fd_write: at(3, 4),
  path_filestat_get: ({ args, filestat }) => [[args[4] ?? 0, filestat]],
  path_open: at(8, 4),
  path_readlink: room(3, 4, 5),
  poll_oneoff: ({ args: [, out = 0, count = 0, result = 0] }) => [[out, count * EVENT], [result, 4]],
  random_get: ({ args: [start = 0, length = 0] }) => [[start, length]],
};

/** The first byte that a call changed and may not have; undefined if there is none. */
export function strayWrite(name: WasiFunctionName, call: MadeCall, after: Uint8Array): number | undefined {
  const before = new Uint8Array(call.before.buffer), ranges = OUTPUTS[name]?.(call) ?? [];
  // Not BigUint64Array, which makes a bigint of each word.
  const old = new Int32Array(before.buffer, 0, before.length >> 2),
    now = new Int32Array(after.buffer, 0, old.length);
  for (let word = 0; word < old.length; word++) {
    if (old[word] === now[word]) continue;
    for (let place = word * 4; place < word * 4 + 4; place++) {
      if (before[place] === after[place]) continue;
      if (!ranges.some(([start, length]) => place >= start && place < start + length)) return place;
    }
  }
  return undefined;
}
