/** What a walk over a body does with each instruction. */
import { NAN_RESULTS } from "./nan_results.ts";
import { OPCODE_KEYS } from "../wasm/opcode.ts";
import { ROWS } from "../wasm/opcodes.ts";

/** Everything that the table calls plain or free needs no more than that. */
export const ACTION = {
  free: 0,
  plain: 1,
  block: 2,
  loop: 3,
  if: 4,
  else: 5,
  end: 6,
  try: 7,
  catch: 8,
  delegate: 9,
  tryTable: 10,
  branch: 11,
  branchIf: 12,
  branchTable: 13,
  return: 14,
  unreachable: 15,
  throw: 16,
  rethrow: 17,
  call: 18,
  callType: 19,
  tailCall: 20,
  tailCallType: 21,
  grow: 22,
  bulk: 23,
  array: 24,
  branchOn: 25,
  nan: 26,
} as const;

const IRREGULAR: Readonly<Record<string, number>> = {
  block: ACTION.block,
  loop: ACTION.loop,
  if: ACTION.if,
  else: ACTION.else,
  end: ACTION.end,
  try: ACTION.try,
  catch: ACTION.catch,
  catch_all: ACTION.catch,
  delegate: ACTION.delegate,
  try_table: ACTION.tryTable,
  br: ACTION.branch,
  br_if: ACTION.branchIf,
  br_on_null: ACTION.branchOn,
  br_on_non_null: ACTION.branchOn,
  br_on_cast: ACTION.branchOn,
  br_on_cast_fail: ACTION.branchOn,
  br_table: ACTION.branchTable,
  return: ACTION.return,
  unreachable: ACTION.unreachable,
  throw: ACTION.throw,
  rethrow: ACTION.rethrow,
  throw_ref: ACTION.rethrow,
  call: ACTION.call,
  call_indirect: ACTION.callType,
  call_ref: ACTION.callType,
  return_call: ACTION.tailCall,
  return_call_indirect: ACTION.tailCallType,
  return_call_ref: ACTION.tailCallType,
};

/** Lengths of these arrays are immediates, not operands, so their cost is that of any instruction. */
const PLAIN_ARRAYS: ReadonlySet<string> = new Set(["array.new_fixed"]);

/** By key. */
export const ACTIONS: Uint8Array = buildActions();

/** The same where NaNs are made canonical. */
export const DETERMINISTIC_ACTIONS: Uint8Array = ACTIONS.map((action, key) =>
  NAN_RESULTS.has(key) ? ACTION.nan : action
);

function buildActions(): Uint8Array {
  const actions = new Uint8Array(OPCODE_KEYS);
  for (const [key, row] of ROWS.entries()) {
    if (row === undefined) continue;
    const irregular = IRREGULAR[row.mnemonic];
    if (irregular !== undefined) actions[key] = irregular;
    else if (row.cost === "memoryGrow" || row.cost === "tableGrow") actions[key] = ACTION.grow;
    else if (row.cost === "bulkMemory" || row.cost === "bulkTable") actions[key] = ACTION.bulk;
    else if (row.cost === "bulkArray" && !PLAIN_ARRAYS.has(row.mnemonic)) actions[key] = ACTION.array;
    else actions[key] = row.cost === "free" ? ACTION.free : ACTION.plain;
  }
  return actions;
}
