/** Which two operations one stands for, where the second takes what the first gave and nothing else does. */
import { findMemoryOperation, findOperation, OPERATIONS } from "../core/operations.ts";
import { OPCODE_KEYS } from "../../wasm/opcode.ts";
import { op, ROWS } from "../../wasm/opcodes.ts";

/** By opcode key of the second, then by operation of the first: the operation that takes both. */
type Pairs = readonly (ReadonlyMap<number, number> | undefined)[];

function pairs(rows: readonly (readonly [second: string, first: string, fused: string])[]): Pairs {
  const table: (Map<number, number> | undefined)[] = new Array(OPCODE_KEYS).fill(undefined);
  for (const [second, first, fused] of rows) {
    const number = findOperation(first), both = findOperation(fused);
    if (number < 0 || both < 0) {
      throw new Error(`Cannot fuse "${first}" into "${fused}": there is no such operation`);
    }
    const row = table[op(second)] ??= new Map();
    row.set(number, both);
  }
  return table;
}

const PRODUCTS = ["f32", "f64"].flatMap((type) => ["add", "sub"].map((sum) => [type, sum] as const));

const SHIFTS = ["i32", "i64"].flatMap((type) =>
  ["shl", "shr_u"].flatMap((shift) =>
    ["xor", "or"].map((combine) =>
      [`${type}.${combine}`, `${type}.${shift} #`, `${type}.${shift} # ${combine}`] as const
    )
  )
);

const INDEXED = [
  ["i32.add", "i32.mul #", "i32.add mul #"],
  ["i32.add", "i32.shl #", "i32.add mul #"],
] as const;

/** The first gives the second's first operand: dst, its two operands, the second's other operand. */
export const FIRST_OPERAND: Pairs = pairs([
  ...PRODUCTS.map(([type, sum]) => [`${type}.${sum}`, `${type}.mul`, `${type}.mul ${sum}`] as const),
  ...SHIFTS,
  ...INDEXED,
]);

/** The first gives the second's second operand. */
export const SECOND_OPERAND: Pairs = pairs([
  ...PRODUCTS.map(([type, sum]) => [`${type}.${sum}`, `${type}.mul`, `${type}.${sum} mul`] as const),
  ...SHIFTS,
  ...INDEXED,
]);

/** The second's other operand is a number. */
export const BEFORE_NUMBER: Pairs = pairs([
  ["i32.add", "i32.add", "i32.add add #"],
  ["i32.and", "i32.shr_u #", "i32.shr_u # and #"],
  ["i32.add", "owned.get", "owned.get add #"],
]);

function loads(form: string): Int32Array {
  return Int32Array.from(
    { length: OPCODE_KEYS },
    (_, key) => ROWS[key] === undefined ? -1 : findMemoryOperation(`${ROWS[key]?.mnemonic} ${form}`),
  );
}

/** Loads, by opcode key, at a register and a number, with an offset and without, and at an element. */
export const LOAD_PLUS: Int32Array = loads("+#");
export const LOAD_PLUS_AT_0: Int32Array = loads("+# 0");
export const LOAD_ELEMENT: Int32Array = loads("+*");

/** By operation of a branch on a comparison: the one that adds a number to its first operand before; -1 for none. */
export const STEP: Int32Array = Int32Array.from(OPERATIONS, ({ name }) => findOperation(`add # ${name}`));
