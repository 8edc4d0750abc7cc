/** From instructions to operations: dense tables by opcode key, and by operation. */
import { COMMUTATIVE, inverseOf, swappedOf } from "../core/instruction_facts.ts";
import { findMemoryOperation, findOperation, OPERATIONS } from "../core/operations.ts";
import { OPCODE_KEYS, opcodeKey } from "../../wasm/opcode.ts";
import { OPCODES } from "../../wasm/opcodes.ts";

function byKey(find: (mnemonic: string) => number): Int32Array {
  const table = new Int32Array(OPCODE_KEYS).fill(-1);
  for (const { prefix, sub, mnemonic } of OPCODES) table[opcodeKey(prefix, sub)] = find(mnemonic);
  return table;
}

function byOperation(find: (name: string) => number): Int32Array {
  return Int32Array.from(OPERATIONS, ({ name }) => find(name));
}

/** The operation whose operands are registers; -1 where there is none, here and below. */
export const PLAIN: Int32Array = byKey(findOperation);

/** The operation whose last operand is a number. */
export const WITH_NUMBER: Int32Array = byKey((mnemonic) => findOperation(`${mnemonic} #`));

/** The same after exchanging the operands: for instructions whose first operand is a constant. */
export const SWAPPED_WITH_NUMBER: Int32Array = byKey((mnemonic) => {
  const swapped = COMMUTATIVE.has(mnemonic) ? mnemonic : swappedOf(mnemonic);
  return swapped === undefined ? -1 : findOperation(`${swapped} #`);
});

/** Accesses to memory 0. */
export const ACCESS: Int32Array = byKey(findMemoryOperation);
export const ACCESS_AT_0: Int32Array = byKey((mnemonic) => findMemoryOperation(`${mnemonic} 0`));
/** Loads at the sum of two registers. */
export const ACCESS_SUM: Int32Array = byKey((mnemonic) => findMemoryOperation(`${mnemonic} +`));
/** Stores of a number. */
export const ACCESS_NUMBER: Int32Array = byKey((mnemonic) => findMemoryOperation(`${mnemonic} #`));

/** Accesses at a number; stores of a number at a number. */
export const ACCESS_AT: Int32Array = byKey((mnemonic) => findMemoryOperation(`${mnemonic} at`));
export const ACCESS_NUMBER_AT: Int32Array = byKey((mnemonic) => findMemoryOperation(`${mnemonic} # at`));

/** By operation: the one that chooses by its result. */
export const SELECT: Int32Array = byOperation((name) => findOperation(`select ${name}`));

/** The branch that is taken if the operation's result is not 0. */
export const BRANCH_IF: Int32Array = byOperation((name) => findOperation(`if ${name}`));

/** The branch that is taken if the operation's result is 0. */
export const BRANCH_UNLESS: Int32Array = byOperation((name) => {
  const unless = findOperation(`unless ${name}`);
  if (unless >= 0) return unless;
  if (name === "i32.eqz") return findOperation("if");
  const [mnemonic = "", form] = name.split(" "), inverse = inverseOf(mnemonic);
  return inverse === undefined
    ? -1
    : findOperation(`if ${form === undefined ? inverse : `${inverse} ${form}`}`);
});

/** The comparison whose result is 1 where that of this operation is 0. */
export const INVERSE: Int32Array = byOperation((name) => {
  const [mnemonic = "", form] = name.split(" "), inverse = inverseOf(mnemonic);
  return inverse === undefined ? -1 : findOperation(form === undefined ? inverse : `${inverse} ${form}`);
});
