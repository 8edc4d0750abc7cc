/** How instructions on values are compiled: locals, constants, globals, tables, vectors, references, bulk operations. */
import { EMITTED } from "./emitted.ts";
import type { FunctionCompiler } from "./function_compiler.ts";
import { SERVICE } from "../machine_layout.ts";
import { MEMORY_STRIDE } from "../core/operations.ts";
import type { InstructionReader } from "../../wasm/instructions.ts";
import { op } from "../../wasm/opcodes.ts";
import { F32, F64, FUNCREF, I32, I64, V128 } from "../../wasm/types.ts";

/** Compiles the instruction that the reader stands on. */
export type Rule = (compiler: FunctionCompiler, reader: InstructionReader) => void;

const EQZ = op("i32.eqz");

function wordAt({ bytes, immediate }: InstructionReader, word: number): number {
  const at = immediate + 4 * word;
  return (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 |
    (bytes[at + 3] ?? 0) << 24;
}

/** @param bytes of a lane */
function lane(bytes: number, signed: boolean): number {
  if (bytes === 1) return signed ? EMITTED.getLane8Signed : EMITTED.getLane8;
  if (bytes === 2) return signed ? EMITTED.getLane16Signed : EMITTED.getLane16;
  return EMITTED.copy;
}

function extracts(shape: string, bytes: number, result: number): Record<string, Rule> {
  const rule = (signed: boolean): Rule => (compiler, reader) => {
    const { stack, code } = compiler, from = stack.register(stack.pop()) + bytes * reader.lane;
    code.emit3(lane(bytes, signed), stack.push(result), from);
    compiler.last = -1;
  };
  if (bytes > 2) return { [`${shape}.extract_lane`]: rule(false) };
  return { [`${shape}.extract_lane_s`]: rule(true), [`${shape}.extract_lane_u`]: rule(false) };
}

const SET_LANE: Readonly<Record<number, number>> = {
  1: EMITTED.set8,
  2: EMITTED.set16,
  4: EMITTED.set32,
  8: EMITTED.copy,
};

function replaces(shape: string, bytes: number): Record<string, Rule> {
  return {
    [`${shape}.replace_lane`]: (compiler, reader) => {
      const { stack, code } = compiler,
        value = stack.register(stack.pop()),
        from = stack.register(stack.pop());
      const to = stack.push(V128);
      if (from !== to) code.emit3(EMITTED.copy128, to, from);
      code.emit3(SET_LANE[bytes] ?? EMITTED.copy, to + bytes * reader.lane, value);
      compiler.last = -1;
    },
  };
}

const LANES = [
  ["i8x16", 1, I32],
  ["i16x8", 2, I32],
  ["i32x4", 4, I32],
  ["i64x2", 8, I64],
  ["f32x4", 4, F32],
  [
    "f64x2",
    8,
    F64,
  ],
] as const;

/** A bulk operation: operands are registers, the last on top; `words` come in front of them. */
function bulk(kind: number, operands: number, words: (reader: InstructionReader) => readonly number[]): Rule {
  return (compiler, reader) => {
    const { stack } = compiler, registers: number[] = [];
    for (let place = 0; place < operands; place++) registers.unshift(stack.register(stack.pop()));
    compiler.service(kind, ...words(reader), ...registers);
  };
}

export const VALUE_RULES: Readonly<Record<string, Rule>> = {
  nop: () => {},
  drop: ({ stack }) => void stack.pop(),
  "local.get": ({ stack, localTypes }, { index }) => stack.pushLocal(index, localTypes[index] ?? 0),
  "local.set": (compiler, { index }) => compiler.setLocal(index, false),
  "local.tee": (compiler, { index }) => compiler.setLocal(index, true),
  "i32.const": ({ stack }, { i32 }) => stack.pushConstant(I32, i32, 0),
  "i64.const": ({ stack }, { i64 }) =>
    stack.pushConstant(I64, Number(BigInt.asIntN(32, i64)), Number(BigInt.asIntN(32, i64 >> 32n))),
  "f32.const": ({ stack }, reader) => stack.pushConstant(F32, wordAt(reader, 0), 0),
  "f64.const": ({ stack }, reader) => stack.pushConstant(F64, wordAt(reader, 0), wordAt(reader, 1)),
  "v128.const": (compiler, reader) => {
    const { code, stack } = compiler,
      at = code.position,
      words = [0, 1, 2, 3].map((word) => wordAt(reader, word));
    code.emit6(
      EMITTED.const128,
      stack.push(V128),
      words[0] ?? 0,
      words[1] ?? 0,
      words[2] ?? 0,
      words[3] ?? 0,
    );
    compiler.last = at;
  },
  select: (compiler) => compiler.select(),
  "select t": (compiler) => compiler.select(),
  "global.get": (compiler, { index }) => {
    if (compiler.counter()) return;
    const { shape, code, stack } = compiler, type = shape.globalType(index), wide = type === V128;
    const own = wide ? EMITTED.get128 : EMITTED.get, other = wide ? EMITTED.otherGet128 : EMITTED.otherGet;
    const at = code.position;
    code.emit3(shape.isImportedGlobal(index) ? other : own, stack.push(type), shape.globalPlace(index));
    compiler.last = at;
  },
  "global.set": (compiler, { index }) => {
    const { shape, code, stack } = compiler, wide = shape.globalType(index) === V128;
    const own = wide ? EMITTED.set128 : EMITTED.set, other = wide ? EMITTED.otherSet128 : EMITTED.otherSet;
    const from = stack.register(stack.pop());
    code.emit3(shape.isImportedGlobal(index) ? other : own, shape.globalPlace(index), from);
    compiler.last = -1;
  },
  "table.get": (compiler, { index: table }) => {
    const { shape, code, stack } = compiler, index = compiler.index(stack.pop()), at = code.position;
    compiler.note();
    code.emit4(EMITTED.tableGet, stack.push(FUNCREF), shape.tablePlace(table), index);
    compiler.last = at;
  },
  "table.set": (compiler, { index: table }) => {
    const { shape, code, stack } = compiler, value = stack.register(stack.pop());
    const index = compiler.index(stack.pop());
    compiler.note();
    const holdsFunctions = shape.isFunctionType(shape.module.tables[table]?.element ?? 0);
    code.emit4(
      holdsFunctions ? EMITTED.tableSetFunction : EMITTED.tableSet,
      shape.tablePlace(table),
      index,
      value,
    );
    compiler.last = -1;
  },
  "table.size": (compiler, { index: table }) => {
    const { shape, code, stack } = compiler, wide = shape.module.tables[table]?.index64 === true;
    code.emit3(EMITTED.tableSize, stack.push(wide ? I64 : I32), shape.tablePlace(table));
    compiler.last = -1;
  },
  "table.grow": (compiler, { index: table }) => {
    const { shape, stack } = compiler,
      count = stack.register(stack.pop()),
      value = stack.register(stack.pop());
    const wide = shape.module.tables[table]?.index64 === true;
    compiler.service(SERVICE.tableGrow, table, stack.push(wide ? I64 : I32), value, count);
  },
  "table.fill": bulk(SERVICE.tableFill, 3, ({ index }) => [index]),
  "table.copy": bulk(SERVICE.tableCopy, 3, ({ index, index2 }) => [index, index2]),
  "table.init": bulk(SERVICE.tableInit, 3, ({ index, index2 }) => [index2, index]),
  "elem.drop": bulk(SERVICE.elementDrop, 0, ({ index }) => [index]),
  "memory.init": bulk(SERVICE.memoryInit, 3, ({ index, index2 }) => [index2, index]),
  "data.drop": bulk(SERVICE.dataDrop, 0, ({ index }) => [index]),
  "memory.size": (compiler, { index }) => {
    const { shape, code, stack } = compiler, type = shape.memories[index] === "i64" ? I64 : I32;
    code.emit2(EMITTED.memorySize + index * MEMORY_STRIDE, stack.push(type));
    compiler.last = -1;
  },
  "memory.grow": (compiler, { index }) => {
    const { shape, code, stack } = compiler, type = shape.memories[index] === "i64" ? I64 : I32;
    const pages = stack.register(stack.pop());
    code.emit3(EMITTED.memoryGrow + index * MEMORY_STRIDE, stack.push(type), pages);
    compiler.last = -1;
  },
  "memory.fill": (compiler, { index }) => {
    const { code, stack } = compiler;
    const size = stack.register(stack.pop()),
      value = stack.register(stack.pop()),
      to = stack.register(stack.pop());
    compiler.note();
    code.emit4(EMITTED.memoryFill + index * MEMORY_STRIDE, to, value, size);
    compiler.last = -1;
  },
  "memory.copy": (compiler, reader) => {
    if (reader.index !== reader.index2) return copyBetween(compiler, reader);
    const { code, stack } = compiler;
    const size = stack.register(stack.pop()),
      from = stack.register(stack.pop()),
      to = stack.register(stack.pop());
    compiler.note();
    code.emit4(EMITTED.memoryCopy + reader.index * MEMORY_STRIDE, to, from, size);
    compiler.last = -1;
  },
  "ref.null": ({ stack }, { heapType }) => stack.pushConstant(heapType, 0, 0),
  "ref.is_null": (compiler) => compiler.plain(EQZ),
  "ref.func": (compiler, { index }) => {
    const { shape, code, stack } = compiler;
    code.emit3(EMITTED.get32, stack.push(FUNCREF), shape.functionPlace(index));
    compiler.last = -1;
  },
  "ref.as_non_null": (compiler) => {
    const { stack, code } = compiler, register = stack.register(stack.height - 1);
    compiler.note();
    code.emit2(EMITTED.trapIfNull, register);
    compiler.last = -1;
  },
  ...Object.assign({}, ...LANES.map(([shape, bytes, result]) => extracts(shape, bytes, result))),
  ...Object.assign({}, ...LANES.map(([shape, bytes]) => replaces(shape, bytes))),
  "i8x16.shuffle": (compiler, reader) => {
    const { stack, code } = compiler, b = stack.register(stack.pop()), a = stack.register(stack.pop());
    code.emit4(EMITTED.shuffle, stack.push(V128), a, b);
    for (const from of [0, 16]) {
      for (let word = 0; word < 4; word++) {
        let mask = 0;
        for (let place = 0; place < 4; place++) {
          const chosen = (reader.bytes[reader.immediate + 4 * word + place] ?? 0) - from;
          mask |= (chosen >= 0 && chosen < 16 ? chosen : 0xff) << 8 * place;
        }
        code.emit1(mask);
      }
    }
    compiler.last = -1;
  },
};

const copyBetween: Rule = bulk(SERVICE.memoryCopy, 3, ({ index, index2 }) => [index, index2]);
