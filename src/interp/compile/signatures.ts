/** What the compiler knows of operations and of instructions whose signature is by value types alone. */
import { ACCESS, ACCESS_AT, ACCESS_AT_0, ACCESS_SUM, PLAIN, WITH_NUMBER } from "./opcode_operations.ts";
import {
  BEFORE_NUMBER,
  FIRST_OPERAND,
  LOAD_ELEMENT,
  LOAD_PLUS,
  LOAD_PLUS_AT_0,
  SECOND_OPERAND,
} from "./fusions.ts";
import { FIRST_MEMORY_OPERATION, MEMORY_STRIDE, OPERATIONS } from "../core/operations.ts";
import { OPCODE_KEYS } from "../../wasm/opcode.ts";
import { ROWS } from "../../wasm/opcodes.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";

export interface PlainSignature {
  /** Number of operands. */
  readonly count: number;
  readonly result: ValueType;
  /** Whether it can trap by its operands. */
  readonly traps: boolean;
}

const TYPE_NAMES: Readonly<Record<string, ValueType>> = {
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  v128: V128,
};

/** By opcode key. */
export const SIGNATURES: readonly (PlainSignature | undefined)[] = Array.from(
  { length: OPCODE_KEYS },
  (_, key) => {
    const row = ROWS[key], [operands = "", result = ""] = row?.signature?.split("->") ?? [];
    const type = TYPE_NAMES[result.trim()];
    if (row === undefined || type === undefined) return undefined;
    const count = operands.split(" ").filter((name) => name !== "").length;
    return { count, result: type, traps: /^i(32|64)\.(div_|rem_|trunc_f)/.test(row.mnemonic) };
  },
);

const FRAME_RESULTS = /^(copy|const|select|owned\.get|other\.get|table\.get|table\.size)/;

const HAS_RESULT: Uint8Array = withResults();
const ACCESS_HAS_RESULT: Uint8Array = accessesWithResults();

function withResults(): Uint8Array {
  const flags = Uint8Array.from(OPERATIONS, ({ name }) => FRAME_RESULTS.test(name) ? 1 : 0);
  for (let key = 0; key < OPCODE_KEYS; key++) {
    if (SIGNATURES[key] === undefined) continue;
    for (const table of [PLAIN, WITH_NUMBER]) if ((table[key] ?? -1) >= 0) flags[table[key] ?? 0] = 1;
  }
  for (const table of [FIRST_OPERAND, SECOND_OPERAND, BEFORE_NUMBER]) {
    for (const row of table) row?.forEach((fused) => flags[fused] = 1);
  }
  return flags;
}

function accessesWithResults(): Uint8Array {
  const flags = new Uint8Array(MEMORY_STRIDE);
  for (let key = 0; key < OPCODE_KEYS; key++) {
    const mnemonic = ROWS[key]?.mnemonic ?? "";
    if (!mnemonic.includes(".load") || mnemonic.endsWith("_lane")) continue;
    for (
      const table of [ACCESS, ACCESS_AT, ACCESS_AT_0, ACCESS_SUM, LOAD_PLUS, LOAD_PLUS_AT_0, LOAD_ELEMENT]
    ) {
      const number = table[key] ?? -1;
      if (number >= 0) flags[number - FIRST_MEMORY_OPERATION] = 1;
    }
  }
  return flags;
}

/** Whether the word behind an operation names the register that gets its result. */
export function hasResult(number: number): boolean {
  if (number < OPERATIONS.length) return HAS_RESULT[number] === 1;
  return ACCESS_HAS_RESULT[(number - FIRST_MEMORY_OPERATION) % MEMORY_STRIDE] === 1;
}
