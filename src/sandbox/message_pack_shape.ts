/**
 * Whether bytes hold all that they declare. The package for MessagePack makes an array as long as the bytes say before
 * it reads the first element, so five bytes of a guest's would take gigabytes; what passes here declares no more
 * elements than it has bytes, and no more of everything than a host can bear.
 */

import { ContentTally } from "../core/content_bounds.ts";

/** Bytes behind the first one, by that byte; those of what is counted stand in a length of so many bytes. */
const FIXED: Readonly<Record<number, number>> = {
  0xc0: 0,
  0xc2: 0,
  0xc3: 0,
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
  0xd4: 2,
  0xd5: 3,
  0xd6: 5,
  0xd7: 9,
  0xd8: 17,
};

/** How a length is written, and what it counts: bytes, extension bytes with a type, elements, pairs. */
const COUNTED: Readonly<Record<number, readonly [width: 1 | 2 | 4, extra: number, elements: 0 | 1 | 2]>> = {
  0xc4: [1, 0, 0],
  0xc5: [2, 0, 0],
  0xc6: [4, 0, 0],
  0xc7: [1, 1, 0],
  0xc8: [2, 1, 0],
  0xc9: [4, 1, 0],
  0xd9: [1, 0, 0],
  0xda: [2, 0, 0],
  0xdb: [4, 0, 0],
  0xdc: [2, 0, 1],
  0xdd: [4, 0, 1],
  0xde: [2, 0, 2],
  0xdf: [4, 0, 2],
};

/** What keeps these bytes from being read, if anything does: "that are none", "of more than …". Takes time by the byte, and memory by the level. */
export function messagePackProblem(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), tally = new ContentTally();
  const missing = "that are none";
  /** Of each list and map that has not ended, how many values it still awaits. */
  const open: number[] = [];
  // Each that is still to come takes a byte at least.
  let at = 0, awaited = 1;
  const begin = (elements: number, keys: number) => {
    tally.open();
    tally.add(keys, elements - keys);
    open.push(elements);
    awaited += elements;
  };
  while (awaited > 0) {
    if (awaited > bytes.length - at) return missing;
    const first = bytes[at++] ?? 0;
    awaited--;
    if (open.length > 0) open.push((open.pop() ?? 0) - 1);
    if (first < 0x80 || first >= 0xe0) {
      // a small number
    } else if (first < 0x90) begin(2 * (first & 15), first & 15);
    else if (first < 0xa0) begin(first & 15, 0);
    else if (first < 0xc0) at += first & 31;
    else {
      const skipped = FIXED[first], counted = COUNTED[first];
      if (skipped !== undefined) at += skipped;
      else if (counted === undefined) return missing;
      else {
        const [width, extra, elements] = counted;
        if (width > bytes.length - at) return missing;
        const count = width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
        at += width;
        if (elements === 0) at += count + extra;
        else begin(elements * count, elements === 2 ? count : 0);
      }
    }
    if (at > bytes.length) return missing;
    if (tally.excess !== undefined) return tally.excess;
    for (; open.at(-1) === 0; open.pop()) tally.close();
  }
  return at === bytes.length ? undefined : missing;
}
