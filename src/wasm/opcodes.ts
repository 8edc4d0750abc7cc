/**
 * THE opcode table: everything that V8 15 accepts without flags, and nothing else. Decoding, validation, disassembly,
 * cost and the interpreter derive from it; a test compares it with V8's own verdict on every opcode.
 */
import { type ImmediateKind, OPCODE_KEYS, opcodeKey, type OpcodeRow } from "./opcode.ts";
import { ACCESS } from "./opcodes/access.ts";
import { ATOMICS } from "./opcodes/atomics.ts";
import { BULK } from "./opcodes/bulk.ts";
import { CONTROL } from "./opcodes/control.ts";
import { GC } from "./opcodes/gc.ts";
import { NUMERIC } from "./opcodes/numeric.ts";
import { SIMD } from "./opcodes/simd.ts";

/** Every instruction, in no particular order. */
export const OPCODES: readonly OpcodeRow[] = [
  ...CONTROL,
  ...ACCESS,
  ...NUMERIC,
  ...BULK,
  ...GC,
  ...SIMD,
  ...ATOMICS,
];

/**
 * The forms that immediates take in the bytes, several kinds sharing one: what a decoder switches on. The first
 * column is the number in {@linkcode SHAPES}; 0 stands for an opcode that does not exist.
 */
export const SHAPE = {
  unknown: 0,
  none: 1,
  index: 2,
  memarg: 3,
  i32: 4,
  blocktype: 5,
  index2: 6,
  i64: 7,
  bytes4: 8,
  bytes8: 9,
  bytes16: 10,
  labels: 11,
  lane: 12,
  memargLane: 13,
  types: 14,
  heaptype: 15,
  cast: 16,
  tryTable: 17,
  zero: 18,
} as const;

const INDEX_KINDS: ReadonlySet<ImmediateKind> = new Set<ImmediateKind>([
  "label",
  "function",
  "type",
  "table",
  "memory",
  "local",
  "global",
  "tag",
  "data",
  "element",
  "field",
  "count",
]);

const SHAPE_OF: ReadonlyMap<string, number> = new Map<string, number>([
  ["", SHAPE.none],
  ["index", SHAPE.index],
  ["index index", SHAPE.index2],
  ["blocktype", SHAPE.blocktype],
  ["memarg", SHAPE.memarg],
  ["memarg lane", SHAPE.memargLane],
  ["i32", SHAPE.i32],
  ["i64", SHAPE.i64],
  ["f32", SHAPE.bytes4],
  ["f64", SHAPE.bytes8],
  ["v128", SHAPE.bytes16],
  ["lanes", SHAPE.bytes16],
  ["labels", SHAPE.labels],
  ["lane", SHAPE.lane],
  ["types", SHAPE.types],
  ["heaptype", SHAPE.heaptype],
  ["castflags index heaptype heaptype", SHAPE.cast],
  ["blocktype catches", SHAPE.tryTable],
  ["zero", SHAPE.zero],
]);

function shapeOf(row: OpcodeRow): number {
  const form = row.immediates.map((kind) => INDEX_KINDS.has(kind) ? "index" : kind).join(" ");
  const shape = SHAPE_OF.get(form);
  if (shape === undefined) {
    throw new Error(`Cannot shape the immediates of "${row.mnemonic}": "${form}" is no known form`);
  }
  return shape;
}

function byKey(): readonly (OpcodeRow | undefined)[] {
  const rows: (OpcodeRow | undefined)[] = new Array(OPCODE_KEYS).fill(undefined);
  for (const row of OPCODES) {
    const key = opcodeKey(row.prefix, row.sub);
    if (key < 0 || rows[key] !== undefined) {
      throw new Error(`Cannot add "${row.mnemonic}": its opcode is taken or out of range`);
    }
    rows[key] = row;
  }
  return rows;
}

function dense(value: (row: OpcodeRow) => number): Uint8Array {
  const table = new Uint8Array(OPCODE_KEYS);
  for (const row of OPCODES) table[opcodeKey(row.prefix, row.sub)] = value(row);
  return table;
}

/** Rows indexed by dense key. */
export const ROWS: readonly (OpcodeRow | undefined)[] = byKey();

/** {@linkcode SHAPE} by dense key. */
export const SHAPES: Uint8Array = dense(shapeOf);

/** Natural alignment by dense key, as a power of two; 255 for what does not access memory. */
export const ALIGNMENTS: Uint8Array = dense((row) => row.alignment & 0xff);

const KEYS: ReadonlyMap<string, number> = new Map(
  OPCODES.map((row) => [row.mnemonic, opcodeKey(row.prefix, row.sub)]),
);

/**
 * The dense key of an instruction.
 *
 * @throws {Error} if no instruction has this name
 */
export function op(mnemonic: string): number {
  const key = KEYS.get(mnemonic);
  if (key === undefined) throw new Error(`Cannot find instruction "${mnemonic}" in the opcode table`);
  return key;
}
