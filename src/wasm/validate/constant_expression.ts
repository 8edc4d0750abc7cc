import { OPCODE_KEYS } from "../opcode.ts";
import { op } from "../opcodes.ts";
import type { ByteRange } from "../module.ts";
import type { ValueType } from "../types.ts";
import type { CodeState } from "./code_state.ts";
import { checkInstruction } from "./instruction.ts";
import type { Subject } from "./invalid.ts";

/** What constant expressions may consist of (specification, section 3.4, constant expressions). */
const CONSTANT = [
  "i32.const",
  "i64.const",
  "f32.const",
  "f64.const",
  "v128.const",
  "i32.add",
  "i32.sub",
  "i32.mul",
  "i64.add",
  "i64.sub",
  "i64.mul",
  "global.get",
  "ref.null",
  "ref.func",
  "ref.i31",
  "struct.new",
  "struct.new_default",
  "array.new",
  "array.new_default",
  "array.new_fixed",
  "any.convert_extern",
  "extern.convert_any",
  "end",
] as const;

function flags(): Uint8Array {
  const table = new Uint8Array(OPCODE_KEYS);
  for (const mnemonic of CONSTANT) table[op(mnemonic)] = 1;
  return table;
}

const IS_CONSTANT = flags();
const GLOBAL_GET = op("global.get");
const REF_FUNC = op("ref.func");

/** Constants read globals that stand before them and never change. */
function checkGlobal(state: CodeState, index: number): void {
  const { visibleGlobals, globalMutable } = state.context;
  if (index >= visibleGlobals) {
    throw state.error(`global.get names global ${index}, but a constant sees ${visibleGlobals} here`);
  }
  if (globalMutable[index] === 1) {
    throw state.error(`global.get names global ${index}, which is mutable and so no constant`);
  }
}

/** Checks a constant expression of this type. Functions that it names are declared by that. */
export function checkConstant(state: CodeState, subject: Subject, range: ByteRange, type: ValueType): void {
  const { context, reader } = state;
  state.begin(subject, context.valueBlock(type));
  reader.reset(range.start, range.end);
  state.isConstant = true;
  while (reader.next()) {
    if (IS_CONSTANT[reader.key] !== 1) throw state.error(`${state.mnemonic()} is no constant instruction`);
    if (reader.key === GLOBAL_GET) checkGlobal(state, reader.index);
    if (reader.key === REF_FUNC && reader.index < context.declaredFunctions.length) {
      context.declaredFunctions[reader.index] = 1;
    }
    checkInstruction(state, reader);
  }
  state.isConstant = false;
}
