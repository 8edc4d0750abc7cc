import type { ImmediateKind, OpcodeRow } from "../../src/wasm/opcode.ts";
import { type Bytes, leb, sleb } from "./module_builder.ts";

const SAMPLES: Partial<Record<ImmediateKind, Bytes>> = {
  blocktype: [0x7f],
  i32: sleb(-123456),
  i64: sleb(-(2n ** 62n) - 3n),
  f32: [0xdb, 0x0f, 0x49, 0xc0],
  f64: [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f],
  v128: [1, 2, 3, 4, 5, 6, 7, 8, 0xf9, 10, 11, 12, 13, 14, 15, 16],
  lanes: [0, 17, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 31],
  lane: [1],
  labels: [2, 1, 2, 0],
  types: [1, 0x7e],
  heaptype: [0x70],
  castflags: [1],
  catches: [4, 0, 1, 2, 1, 2, 1, 2, 0, 3, 1],
  zero: [0],
};

/** An instruction with immediates that differ from each other. */
export function sampleOf(row: OpcodeRow): Bytes {
  let next = 3; // indices that differ, so that an exchange of two is seen
  const immediates = row.immediates.flatMap((kind) => {
    if (kind === "memarg") return [row.alignment, ...leb(4097)];
    if (kind === "castflags") return [2]; // to a nullable type, from one that is not
    return SAMPLES[kind] ?? [next++];
  });
  return [...(row.prefix >= 0xfb ? [row.prefix, ...leb(row.sub)] : [row.prefix]), ...immediates];
}
