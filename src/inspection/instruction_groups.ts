/** What a survey of the code tells of each instruction: what it does to the flow of control, and which work it does. */
import { ACTION, ACTIONS } from "../analysis/actions.ts";
import { isWatched } from "./code_facts.ts";
import { OPCODE_KEYS } from "../wasm/opcode.ts";
import { op, ROWS } from "../wasm/opcodes.ts";

/** Groups of instructions that are looked at one by one. */
export const FLOWS = {
  none: 0,
  block: 1,
  loop: 2,
  if: 3,
  try: 4,
  divide: 5,
  end: 6,
  branch: 7,
  branchIf: 8,
  table: 9,
  /** Returns, throws or traps. */
  leave: 10,
  call: 11,
  tailCall: 12,
  indirect: 13,
  indirectTail: 14,
  /** Takes the address of a function. */
  address: 15,
  /** Is one of those that code_facts.ts counts, and none of the above. */
  watched: 16,
  /** Work on as many bytes or elements as an operand says: a call, for the compiler. */
  bulk: 17,
} as const;

/** Groups of instructions that compute and do nothing else; the values are places in a list of counts. */
export const WORKS = { xor: 0, shift: 1, sum: 2, other: 3, none: 4 } as const;

const BY_MNEMONIC: readonly (readonly [RegExp, number])[] = [
  [/^block$/, FLOWS.block],
  [/^loop$/, FLOWS.loop],
  [/^if$/, FLOWS.if],
  [/^try(_table)?$/, FLOWS.try],
  [/^(else|catch|catch_all)$/, FLOWS.divide],
  [/^(end|delegate)$/, FLOWS.end],
  [/^br$/, FLOWS.branch],
  [/^br_table$/, FLOWS.table],
  [/^br_/, FLOWS.branchIf],
  [/^(return|unreachable|throw|throw_ref|rethrow)$/, FLOWS.leave],
  [/^call$/, FLOWS.call],
  [/^return_call$/, FLOWS.tailCall],
  [/^call_/, FLOWS.indirect],
  [/^return_call_/, FLOWS.indirectTail],
  [/^ref\.func$/, FLOWS.address],
];

/** Of moves between locals and the stack there are as many as a compiler likes. */
const MOVES = /^(local\.|global\.|drop$|nop$|select)|\.const$/;

function flowOf(mnemonic: string): number {
  const key = op(mnemonic);
  return BY_MNEMONIC.find(([pattern]) => pattern.test(mnemonic))?.[1] ??
    (isWatched(key) ? FLOWS.watched : ACTIONS[key] === ACTION.bulk ? FLOWS.bulk : FLOWS.none);
}

function workOf(mnemonic: string): number {
  if (flowOf(mnemonic) !== FLOWS.none || MOVES.test(mnemonic)) return WORKS.none;
  if (/\.xor$/.test(mnemonic)) return WORKS.xor;
  if (/^[iv].*\.(shl|shr_s|shr_u|rotl|rotr|shuffle|swizzle)$/.test(mnemonic)) return WORKS.shift;
  if (/^(i32|i64|i32x4|i64x2|v128)\.(add|and|or|not|andnot)$/.test(mnemonic)) return WORKS.sum;
  return WORKS.other;
}

function byKey(groupOf: (mnemonic: string) => number, none: number): Uint8Array {
  const groups = new Uint8Array(OPCODE_KEYS).fill(none);
  for (const [key, row] of ROWS.entries()) if (row !== undefined) groups[key] = groupOf(row.mnemonic);
  return groups;
}

/** By key: values of {@linkcode FLOWS}. */
export const FLOW: Uint8Array = byKey(flowOf, FLOWS.none);

/** By key: values of {@linkcode WORKS}. */
export const WORK: Uint8Array = byKey(workOf, WORKS.none);
