import type { ByteWriter } from "../wasm/encoder.ts";

/** Bytes of the instructions that instrumentation writes; the mnemonics are those of the opcode table. */
export const CODE = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  callRef: 0x14,
  drop: 0x1a,
  select: 0x1b,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Ne: 0x47,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32LeU: 0x4d,
  i64LtS: 0x53,
  i64GtU: 0x56,
  i64LeU: 0x58,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivU: 0x6e,
  i32Or: 0x72,
  i32Rotr: 0x78,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64Shl: 0x86,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  bulk: 0xfc,
} as const;

/** Numbers of the instructions behind the prefix `CODE.bulk`. */
export const BULK = {
  memoryInit: 8,
  dataDrop: 9,
  memoryCopy: 10,
  memoryFill: 11,
  tableInit: 12,
  elementDrop: 13,
  tableCopy: 14,
  tableGrow: 15,
  tableSize: 16,
  tableFill: 17,
} as const;

/** The block type of a block without parameters and results. */
export const EMPTY_BLOCK = 0x40;

/** Writes instructions whose immediate is one index. */
export function indexed(writer: ByteWriter, opcode: number, index: number): void {
  writer.u8(opcode);
  writer.u32(index);
}

/** Writes `i64.const` for a whole number below 2^53. */
export function i64Const(writer: ByteWriter, value: number): void {
  writer.u8(CODE.i64Const);
  if (value < 0x7fffffff) writer.s32(value);
  else writer.s64(BigInt(value));
}

/** Writes `i32.const`. */
export function i32Const(writer: ByteWriter, value: number): void {
  writer.u8(CODE.i32Const);
  writer.s32(value | 0);
}
