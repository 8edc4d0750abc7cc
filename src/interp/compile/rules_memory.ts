/** How instructions on memories are compiled: loads, stores, lanes; what computes an address is taken into the access. */
import { EMITTED } from "./emitted.ts";
import type { FunctionCompiler } from "./function_compiler.ts";
import { LOAD_ELEMENT, LOAD_PLUS, LOAD_PLUS_AT_0 } from "./fusions.ts";
import {
  ACCESS,
  ACCESS_AT,
  ACCESS_AT_0,
  ACCESS_NUMBER,
  ACCESS_NUMBER_AT,
  ACCESS_SUM,
} from "./opcode_operations.ts";
import { SIGNATURES } from "./signatures.ts";
import { MEMORY_STRIDE } from "../core/operations.ts";
import type { InstructionReader } from "../../wasm/instructions.ts";
import { ROWS } from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";

/** Emits a load. @param key of its opcode, here and below */
export function load(compiler: FunctionCompiler, key: number): void {
  const { stack, code, reader } = compiler, shift = reader.index * MEMORY_STRIDE;
  const result = SIGNATURES[key]?.result ?? I32, wide = isWide(compiler);
  const address = stack.pop();
  const [low, high] = offsetOf(reader, wide);
  const fixed = fixedAddress(compiler, address, { low, wide }), atNumber = ACCESS_AT[key] ?? -1;
  if (fixed !== undefined && atNumber >= 0) {
    const at = code.position;
    compiler.note();
    code.emit3(atNumber + shift, stack.push(result), fixed);
    compiler.last = at;
    return;
  }
  if (compiler.isLast(address) && loadAtSum(compiler, key, { low, high, result, wide })) return;
  const register = stack.register(address), at = code.position, at0 = ACCESS_AT_0[key] ?? -1;
  compiler.note();
  if (low === 0 && high === 0 && at0 >= 0) code.emit3(at0 + shift, stack.push(result), register);
  else {
    code.emit4((ACCESS[key] ?? 0) + shift, stack.push(result), register, low);
    if (wide) code.emit1(high);
  }
  compiler.last = at;
}

/** Whether the memory that the instruction names is indexed by i64. */
function isWide({ shape, reader }: FunctionCompiler): boolean {
  return shape.memories[reader.index] === "i64";
}

/** The offset that the instruction names, as two words. */
function offsetOf(reader: InstructionReader, wide: boolean): readonly [low: number, high: number] {
  if (!wide) return [reader.memoryOffset | 0, 0];
  const exact = reader.exactMemoryOffset;
  return [Number(BigInt.asIntN(32, exact)), Number(BigInt.asIntN(32, exact >> 32n))];
}

/** The address of an access, where it is a constant that does not run past the end of all memories. */
function fixedAddress(
  { stack }: FunctionCompiler,
  entry: number,
  of: { readonly low: number; readonly wide: boolean },
): number | undefined {
  if (of.wide || !stack.isConstant(entry)) return undefined;
  const address = ((stack.low[entry] ?? 0) >>> 0) + (of.low >>> 0);
  return address < 2 ** 32 ? address | 0 : undefined;
}

/** Emits a load at an address that was computed just now, with the computation. */
function loadAtSum(
  compiler: FunctionCompiler,
  key: number,
  of: { readonly low: number; readonly high: number; readonly result: ValueType; readonly wide: boolean },
): boolean {
  const { stack, code, reader, last } = compiler, { low, high, result, wide } = of;
  const shift = reader.index * MEMORY_STRIDE, number = (table: Int32Array) => table[key] ?? -1;
  const first = code.at(last), a = code.at(last + 2), b = code.at(last + 3), c = code.at(last + 4);
  let emit: ((to: number) => void) | undefined;
  if (first === (wide ? EMITTED.add64 : EMITTED.add) && number(ACCESS_SUM) >= 0) {
    emit = (to) => {
      code.emit5(number(ACCESS_SUM) + shift, to, a, b, low);
      if (wide) code.emit1(high);
    };
  } else if (first === EMITTED.addNumber && !wide && number(LOAD_PLUS) >= 0) {
    emit = low === 0
      ? (to) => code.emit4(number(LOAD_PLUS_AT_0) + shift, to, a, b)
      : (to) => code.emit5(number(LOAD_PLUS) + shift, to, a, b, low);
  } else if (first === EMITTED.addProduct && !wide && number(LOAD_ELEMENT) >= 0) {
    emit = (to) => code.emit6(number(LOAD_ELEMENT) + shift, to, a, b, c, low);
  }
  if (emit === undefined) return false;
  code.position = last;
  compiler.last = -1;
  compiler.note();
  emit(stack.push(result));
  compiler.last = last;
  return true;
}

/** Emits a store. */
export function store(compiler: FunctionCompiler, key: number): void {
  const { stack, code, reader } = compiler, shift = reader.index * MEMORY_STRIDE;
  const wide = isWide(compiler), [low, high] = offsetOf(reader, wide);
  const value = stack.pop(), address = stack.pop(), type = stack.types[value];
  let numbered = ACCESS_NUMBER[key] ?? -1, numberedAt = ACCESS_NUMBER_AT[key] ?? -1;
  if (type === F32) [numbered, numberedAt] = [EMITTED.storeNumber32, EMITTED.storeNumberAt32];
  if (type === F64) [numbered, numberedAt] = [EMITTED.storeNumber64, EMITTED.storeNumberAt64];
  const short = type === I32 || type === F32 || (type === I64 || type === F64) && stack.isShort(value);
  compiler.last = -1;
  const fixed = fixedAddress(compiler, address, { low, wide }), atNumber = ACCESS_AT[key] ?? -1;
  if (fixed !== undefined && atNumber >= 0) {
    const isNumber = numberedAt >= 0 && short && stack.isConstant(value);
    const from = isNumber ? stack.low[value] ?? 0 : stack.register(value);
    compiler.note();
    return code.emit3((isNumber ? numberedAt : atNumber) + shift, fixed, from);
  }
  if (numbered >= 0 && short && stack.isConstant(value)) {
    const register = stack.register(address);
    compiler.note();
    code.emit4(numbered + shift, register, stack.low[value] ?? 0, low);
    if (wide) code.emit1(high);
    return;
  }
  const register = stack.register(address), from = stack.register(value), at0 = ACCESS_AT_0[key] ?? -1;
  compiler.note();
  if (low === 0 && high === 0 && at0 >= 0) return code.emit3(at0 + shift, register, from);
  code.emit4((ACCESS[key] ?? 0) + shift, register, from, low);
  if (wide) code.emit1(high);
}

/** Emits a load or store of one lane. */
export function accessLane(
  compiler: FunctionCompiler,
  { key, isLoad }: { readonly key: number; readonly isLoad: boolean },
): void {
  const { stack, code, reader } = compiler, shift = reader.index * MEMORY_STRIDE;
  const wide = isWide(compiler), [low, high] = offsetOf(reader, wide);
  const lane = reader.lane << (ROWS[key]?.alignment ?? 0), vector = stack.pop(), address = stack.pop();
  const from = stack.register(vector), register = stack.register(address);
  compiler.last = -1;
  if (isLoad) {
    // Not where the result belongs: the address may lie there.
    const own = stack.at[vector] ?? 0;
    if (from !== own) code.emit3(EMITTED.copy128, own, from);
    compiler.note();
    code.emit4((ACCESS[key] ?? 0) + shift, own + lane, register, low);
    if (wide) code.emit1(high);
    code.emit3(EMITTED.copy128, stack.push(V128), own);
    return;
  }
  compiler.note();
  code.emit4((ACCESS[key] ?? 0) + shift, register, from + lane, low);
  if (wide) code.emit1(high);
}
