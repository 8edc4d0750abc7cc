/**
 * Recognises what instrumentation writes on the fuel counter, and has it done by one operation each. What it does not
 * recognise is compiled as any code, so nothing depends on this but speed.
 */
import type { FunctionCompiler } from "./function_compiler.ts";
import { operation } from "../core/operations.ts";
import type { ModuleShape } from "./module_shape.ts";
import { BLOCK_KIND, type InstructionReader } from "../../wasm/instructions.ts";
import { op } from "../../wasm/opcodes.ts";

/** Where the counters of an instrumented module are. */
export interface CounterHints {
  /** Index of the global that holds the fuel left. */
  readonly fuel: number;
  /** Index of the table of hooks, … */
  readonly hookTable: number;
  /** … and the place in it of the hook that is called when the fuel is below zero. */
  readonly refuel: number;
}

const CHARGE = operation("charge #"), CHARGE_REGISTER = operation("charge"), REFUEL = operation("refuel");
const GLOBAL_SET = op("global.set"), LOCAL_GET = op("local.get"), IF = op("if"), END = op("end");
const I32_CONST = op("i32.const"), I64_CONST = op("i64.const"), SUB = op("i64.sub"), LESS = op("i64.lt_s");
const EXTEND = op("i64.extend_i32_u"), CALL_INDIRECT = op("call_indirect");

export class CounterCode {
  readonly #place: number;

  constructor(shape: ModuleShape, readonly hints: CounterHints) {
    this.#place = shape.globalPlace(hints.fuel);
  }

  /** With the reader at a `global.get`: emits what the instructions from there on do, and moves behind them; or false. */
  emit(compiler: FunctionCompiler): boolean {
    const { reader } = compiler, { fuel } = this.hints;
    if (reader.index !== fuel) return false;
    const offset = reader.offset, end = reader.end, { limit } = reader;
    if (this.#recognise(compiler, reader)) return true;
    reader.reset(end, limit);
    // The fields of the instruction itself, which looking ahead has overwritten.
    reader.index = fuel;
    reader.offset = offset;
    return false;
  }

  #recognise(compiler: FunctionCompiler, reader: InstructionReader): boolean {
    const { fuel, hookTable, refuel } = this.hints, { code } = compiler, place = this.#place;
    if (!reader.next()) return false;
    if (reader.key === LOCAL_GET) {
      const local = reader.index;
      const sets = next(reader, EXTEND) && next(reader, SUB) && next(reader, GLOBAL_SET) &&
        reader.index === fuel;
      if (!sets) return false;
      code.emit3(CHARGE_REGISTER, place, compiler.localAt[local] ?? 0);
      compiler.last = -1;
      return true;
    }
    if (reader.key !== I64_CONST) return false;
    const units = reader.i64;
    if (!reader.next()) return false;
    if (reader.key === SUB) {
      if (!next(reader, GLOBAL_SET) || reader.index !== fuel || units !== BigInt.asIntN(32, units)) {
        return false;
      }
      code.emit3(CHARGE, place, Number(units));
      compiler.last = -1;
      return true;
    }
    const calls = units === 0n && reader.key === LESS && next(reader, IF) &&
      reader.blockKind === BLOCK_KIND.empty &&
      next(reader, I32_CONST) && reader.i32 === refuel && next(reader, CALL_INDIRECT) &&
      reader.index2 === hookTable;
    if (!calls) return false;
    const { offset } = reader; // of the call: where a trap is reported to be
    if (!next(reader, END)) return false;
    compiler.notes.note(code.position, offset);
    code.emit2(REFUEL, place);
    compiler.last = -1;
    return true;
  }
}

/** Goes to the next instruction; whether it is this one. */
function next(reader: InstructionReader, key: number): boolean {
  return reader.next() && reader.key === key;
}
