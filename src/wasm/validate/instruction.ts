/**
 * Checks one instruction. Hot: nine in ten instructions of real code are decided here by a few loads from dense
 * tables; everything else goes to its rule.
 */
import type { InstructionReader } from "../instructions.ts";
import { ALIGNMENTS } from "../opcodes.ts";
import { BOTTOM, byteWidth, type ValueType } from "../types.ts";
import type { CodeState } from "./code_state.ts";
import { checkAccess } from "./rules/memory.ts";
import {
  EXACT_ALIGNMENT,
  firstOperand,
  FORMS,
  GROWTHS,
  LANES,
  operandCount,
  resultOf,
  RULES,
  secondOperand,
  SIGNATURES,
  thirdOperand,
} from "./signatures.ts";

function checkLane(state: CodeState, key: number, lane: number): void {
  const lanes = LANES[key] ?? 0;
  if (lane >= lanes) throw state.error(`${state.mnemonic()} names lane ${lane}, but there are ${lanes}`);
}

function checkShuffle(state: CodeState, reader: InstructionReader): void {
  for (let at = reader.immediate; at < reader.end; at++) checkLane(state, reader.key, reader.bytes[at] ?? 0);
}

function checkAlignment(state: CodeState, reader: InstructionReader): void {
  const natural = ALIGNMENTS[reader.key] ?? 0;
  if (reader.align > natural) {
    throw state.error(`${state.mnemonic()} has alignment 2^${reader.align}, at most 2^${natural} is allowed`);
  }
  if (reader.align < natural && EXACT_ALIGNMENT[reader.key] === 1) {
    throw state.error(`${state.mnemonic()} has alignment 2^${reader.align}, it must be 2^${natural}`);
  }
}

/** Applies a signature operand by operand: for dead code, growing stacks, and errors. */
function applySlowly(state: CodeState, packed: number, address: ValueType): void {
  const count = operandCount(packed);
  if (count > 2) state.pop(thirdOperand(packed));
  if (count > 1) state.pop(secondOperand(packed));
  if (count > 0) state.pop(firstOperand(packed) || address);
  const result = resultOf(packed);
  if (result !== BOTTOM) state.push(result);
}

/** Applies a signature; `address` takes the place of a first operand that is one, and is BOTTOM where there is none. */
function applySignature(state: CodeState, key: number, address: ValueType): void {
  const packed = SIGNATURES[key] as number; // keys are below the length of the tables
  const { operands, height } = state;
  const count = operandCount(packed);
  const first = height - count;
  if (first < state.base || height >= operands.length) return applySlowly(state, packed, address);
  if (count > 0) {
    if (
      operands[first] !== (firstOperand(packed) || address) ||
      (count > 1 && operands[first + 1] !== secondOperand(packed)) ||
      (count > 2 && operands[first + 2] !== thirdOperand(packed))
    ) return applySlowly(state, packed, address);
  }
  let bytes = state.bytes + (GROWTHS[key] as number);
  if (address !== BOTTOM) bytes -= byteWidth(address);
  state.bytes = bytes;
  const result = resultOf(packed);
  if (result === BOTTOM) {
    state.height = first;
    return;
  }
  operands[first] = result;
  state.height = first + 1;
  if (bytes > state.maxBytes) state.maxBytes = bytes;
}

/** Whether `local.set` or `local.tee` finds just what it needs on top; then the local's type is that operand's. */
function fitsLocal({ locals, operands, height, base }: CodeState, index: number): boolean {
  return index < locals.dense && !locals.tracked && height > base &&
    operands[height - 1] === locals.types[index];
}

function applyRule(state: CodeState, reader: InstructionReader): void {
  const rule = RULES[reader.key];
  if (rule === undefined) throw state.error(`no rule for opcode key ${reader.key}`);
  rule(state, reader);
}

/** Checks the instruction that the reader stands on, and moves the state past it. */
export function checkInstruction(state: CodeState, reader: InstructionReader): void {
  const key = reader.key;
  // The numbers are those of FORM; literals let the engine build a jump table.
  switch (FORMS[key]) {
    case 1: // regular
      return applySignature(state, key, BOTTOM);
    case 2: { // localGet
      const { locals } = state;
      const { index } = reader;
      if (index < locals.dense && !locals.tracked) return state.push(locals.types[index] as number);
      return applyRule(state, reader);
    }
    case 3: // localSet
      if (!fitsLocal(state, reader.index)) return applyRule(state, reader);
      state.height--;
      state.bytes -= byteWidth(state.locals.types[reader.index] as number);
      return;
    case 4: // localTee
      if (!fitsLocal(state, reader.index)) return applyRule(state, reader);
      return;
    case 5: // access
      checkAlignment(state, reader);
      return applySignature(state, key, checkAccess(state, reader));
    case 6: // accessLane
      checkAlignment(state, reader);
      checkLane(state, key, reader.lane);
      return applySignature(state, key, checkAccess(state, reader));
    case 7: // lane
      checkLane(state, key, reader.lane);
      return applySignature(state, key, BOTTOM);
    case 8: // shuffle
      checkShuffle(state, reader);
      return applySignature(state, key, BOTTOM);
    default:
      return applyRule(state, reader);
  }
}
