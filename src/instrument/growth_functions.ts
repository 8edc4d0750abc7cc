/** Functions that take the place of memory.grow and table.grow: they charge, ask the hook, and only then grow. */
import type { CodeContext } from "./additions.ts";
import { BULK, CODE, EMPTY_BLOCK, i32Const, i64Const, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { HOOKS } from "./layout.ts";
import type { CostModel } from "../analysis/cost.ts";
import { writeValueType } from "../wasm/encoder.ts";
import { I32, I64, type ValueType } from "../wasm/types.ts";

/** Beyond these no growth can succeed in this runtime; the hook says no, and the guest pays the least. */
export interface Ceiling {
  readonly memoryPages: bigint;
  readonly tableElements: bigint;
}

const I32_AND = 0x71;

/** The function that grows a memory: `(pages) -> (pages before, or -1)`. */
export function memoryGrowFunction(
  context: CodeContext,
  costs: CostModel,
  ceiling: Ceiling,
  memory: number,
): number {
  const wide = context.module.memories[memory]?.index64 === true, address = wide ? I64 : I32;
  return growFunction(context, {
    key: `memory.grow ${memory}`,
    params: [address],
    wide,
    index: memory,
    hook: HOOKS.growMemory,
    unit: costs.page,
    least: costs.leastGrowth,
    most: ceiling.memoryPages,
    grow: (writer) => {
      indexed(writer, CODE.localGet, 0);
      indexed(writer, CODE.memoryGrow, memory);
    },
  });
}

/** The function that grows a table: `(value, elements) -> (elements before, or -1)`. */
export function tableGrowFunction(
  context: CodeContext,
  costs: CostModel,
  ceiling: Ceiling,
  table: number,
): number {
  const type = context.module.tables[table];
  if (type === undefined) {
    throw new RangeError(`A validated module grows table ${table}, which does not exist`);
  }
  return growFunction(context, {
    key: `table.grow ${table}`,
    params: [type.element, type.index64 ? I64 : I32],
    wide: type.index64,
    index: table,
    hook: HOOKS.growTable,
    unit: costs.element,
    least: costs.leastGrowth,
    most: ceiling.tableElements,
    grow: (writer) => {
      indexed(writer, CODE.localGet, 0);
      indexed(writer, CODE.localGet, 1);
      writer.u8(CODE.bulk);
      writer.u32(BULK.tableGrow);
      writer.u32(table);
    },
  });
}

interface GrowthShape {
  readonly key: string;
  /** The last parameter is the amount. */
  readonly params: readonly ValueType[];
  readonly wide: boolean;
  readonly index: number;
  readonly hook: number;
  readonly unit: number;
  readonly least: number;
  readonly most: bigint;
  readonly grow: (writer: CodeWriter) => void;
}

function growFunction(context: CodeContext, shape: GrowthShape): number {
  return context.additions.function(shape.key, () => {
    const { counters, additions } = context, writer = new CodeWriter();
    const amount = shape.params.length - 1, amount64 = shape.params.length;
    writer.u32(1); // one group of locals
    writer.u32(1);
    writeValueType(writer, I64);

    indexed(writer, CODE.localGet, amount);
    if (!shape.wide) writer.u8(CODE.i64ExtendI32U);
    indexed(writer, CODE.localSet, amount64);

    counters.chargeDynamic(writer, 1, () => {
      const units = () => {
        indexed(writer, CODE.localGet, amount64);
        if (shape.unit === 1) return;
        i64Const(writer, shape.unit);
        writer.u8(CODE.i64Mul);
      };
      units();
      i64Const(writer, shape.least);
      units();
      i64Const(writer, shape.least);
      writer.u8(CODE.i64GtU);
      indexed(writer, CODE.localGet, amount64);
      i64Const(writer, Number(shape.most));
      writer.u8(CODE.i64LeU);
      writer.u8(I32_AND);
      writer.u8(CODE.select);
    });
    counters.test(writer);

    i32Const(writer, shape.index);
    indexed(writer, CODE.localGet, amount64);
    i32Const(writer, shape.hook);
    writer.u8(CODE.callIndirect);
    writer.u32(context.growType);
    writer.u32(context.hookTable);
    writer.u8(CODE.i32Eqz);
    writer.u8(CODE.if);
    writer.u8(EMPTY_BLOCK);
    if (shape.wide) {
      writer.u8(CODE.i64Const);
      writer.s32(-1);
    } else i32Const(writer, -1);
    writer.u8(CODE.return);
    writer.u8(CODE.end);
    shape.grow(writer);
    writer.u8(CODE.end);
    return { type: additions.type(shape.params, [shape.wide ? I64 : I32]), code: writer };
  });
}
