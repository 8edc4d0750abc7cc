/** Loads, stores, and what moves many bytes at once. Addresses are in bounds as a rule, and now and then anything. */
import { indexed, integer } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import { canonical } from "./numbers.ts";
import type { NumberType, ValueType } from "./value_type.ts";
import type { OpcodeRow } from "../../../src/wasm/opcode.ts";
import { OPCODES } from "../../../src/wasm/opcodes.ts";
import { type Bytes, leb } from "../../wasm/module_builder.ts";

const ACCESSES = OPCODES.filter((row) => row.immediates[0] === "memarg" && row.feature !== "threads");
const AND = { i32: 0x71, i64: 0x83 } as const;
const PAGE = 65_536;
const BULK = 0xfc, MEMORY_INIT = 8, DATA_DROP = 9, MEMORY_COPY = 10, MEMORY_FILL = 11;
const MEMORY_SIZE = 0x3f, MEMORY_GROW = 0x40, WRAP = 0xa7;

const hasMemory = (to: CodeWriter): boolean => to.blueprint.memories.length > 0;

function someMemory(to: CodeWriter): { index: number; wide: boolean; min: number } {
  const index = to.random.below(to.blueprint.memories.length);
  return { index, wide: false, min: 0, ...to.blueprint.memories[index] };
}

/** An address or size below a power of two. */
function below(to: CodeWriter, bits: number, wide: boolean): void {
  const type = wide ? "i64" : "i32";
  to.value(type);
  if (!to.often(60)) to.emit(...integer(2 ** bits - 1, wide), AND[type]);
}

function address(to: CodeWriter, memory: { wide: boolean; min: number }): void {
  below(to, memory.min > 0 ? 12 : 4, memory.wide);
}

function operandsOf(row: OpcodeRow): { params: NumberType[]; result: string } {
  const [left = "", right = ""] = row.signature?.split("->") ?? [];
  // `as`: the table names number types here, behind `addr`.
  return { params: left.trim().split(" ").slice(1) as NumberType[], result: right.trim() };
}

function memoryArgument(to: CodeWriter, row: OpcodeRow, memory: number): Bytes {
  const align = to.random.below(row.alignment + 1);
  const offset = leb(to.often(100) ? PAGE * 4 : to.random.below(to.often(3) ? 40_000 : 16));
  return memory === 0 && !to.often(4) ? [align, ...offset] : [align | 0x40, ...leb(memory), ...offset];
}

function access(to: CodeWriter, rows: readonly OpcodeRow[]): void {
  const row = to.random.pick(rows), memory = someMemory(to);
  address(to, memory);
  for (const param of operandsOf(row).params) {
    to.value(param);
    canonical(to, param);
  }
  to.emit(...(row.prefix >= 0xfb ? [row.prefix, ...leb(row.sub)] : [row.prefix]));
  to.emit(...memoryArgument(to, row, memory.index));
  if (row.immediates.includes("lane")) to.emit(to.random.below(16 >> row.alignment));
}

const fitting = (to: CodeWriter, result: string): OpcodeRow[] =>
  ACCESSES.filter((row) =>
    operandsOf(row).result === result && (to.blueprint.simd || row.feature !== "simd")
  );

function bulk(to: CodeWriter): void {
  const memory = someMemory(to), { dataSizes } = to.blueprint;
  const way = to.random.below(dataSizes.length > 0 ? 4 : 2);
  address(to, memory);
  switch (way) {
    case 0:
      to.value("i32");
      below(to, to.random.pick([3, 8, 12]), memory.wide);
      return to.emit(BULK, MEMORY_FILL, ...leb(memory.index));
    case 1: {
      const from = someMemory(to);
      address(to, from);
      below(to, to.random.pick([3, 8, 12]), memory.wide && from.wide);
      return to.emit(BULK, MEMORY_COPY, ...leb(memory.index), ...leb(from.index));
    }
    case 2: {
      // Active ones are empty when code runs.
      const count = dataSizes.length + (to.often(10) ? to.blueprint.activeData.length : 0);
      const data = to.random.below(count), size = dataSizes[data] ?? 0;
      const length = to.random.below(size + 1);
      // Past its end, or dropped, it traps unless the length is zero.
      to.emit(...integer(to.often(20) ? 1000 : size - length), ...integer(to.often(2) ? 0 : length));
      return to.emit(BULK, MEMORY_INIT, ...leb(data), ...leb(memory.index));
    }
    default:
      to.emit(0x1a);
      if (to.often(3)) to.emit(BULK, DATA_DROP, ...leb(to.random.below(dataSizes.length)));
  }
}

function grow(to: CodeWriter): void {
  const memory = someMemory(to);
  // Too many for either kind of memory: what fits into one may well be had.
  const tooMany = memory.wide ? 2 ** 41 : 100_000;
  to.emit(...integer(to.random.pick([0, 0, 1, 1, 2, tooMany, -1]), memory.wide));
  to.emit(...indexed(MEMORY_GROW, memory.index));
  if (memory.wide) to.emit(WRAP);
}

export const MEMORY_FORMS: Forms = {
  values: [
    {
      weight: 5,
      applies: (type: ValueType, to) => hasMemory(to) && fitting(to, type).length > 0,
      write: (to, type) => access(to, fitting(to, type)),
    },
    { weight: 1, applies: (type, to) => type === "i32" && hasMemory(to), write: grow },
    {
      weight: 1,
      applies: (type, to) => type === "i32" && hasMemory(to),
      write: (to) => {
        const memory = someMemory(to);
        to.emit(...indexed(MEMORY_SIZE, memory.index), ...(memory.wide ? [WRAP] : []));
      },
    },
  ],
  statements: [
    { weight: 7, applies: hasMemory, write: (to) => access(to, fitting(to, "")) },
    { weight: 3, applies: hasMemory, write: bulk },
  ],
};
