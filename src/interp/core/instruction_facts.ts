/** What the names and signatures of instructions say. */
import type { OpcodeRow } from "../../wasm/opcode.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";

const TYPES: Readonly<Record<string, ValueType>> = { i32: I32, i64: I64, f32: F32, f64: F64, v128: V128 };

/** Operands and results of a row whose signature is by value types alone. */
export interface Signature {
  readonly operands: readonly string[];
  readonly result: ValueType | undefined;
}

export function signatureOf(row: OpcodeRow): Signature | undefined {
  if (row.signature === undefined) return undefined;
  const [operands = "", result = ""] = row.signature.split("->");
  return { operands: operands.split(" ").filter((name) => name !== ""), result: TYPES[result.trim()] };
}

export function typeOf(name: string): ValueType {
  return TYPES[name] ?? I32;
}

export const MAY_TRAP = /^i(32|64)\.(div_|rem_|trunc_f)/;

export const COMPARISON = /^(i32|i64|f32|f64)\.(eqz|eq|ne|lt|gt|le|ge)(_[su])?$/;

/** Comparisons that are false when this is true. */
const INVERSE: Readonly<Record<string, string>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  gt: "le",
  le: "gt",
};

/** The integer comparison that is true when this one is false. */
export function inverseOf(mnemonic: string): string | undefined {
  const [, type = "", relation = "", sign = ""] = COMPARISON.exec(mnemonic) ?? [];
  const inverse = INVERSE[relation];
  return type.startsWith("i") && inverse !== undefined ? `${type}.${inverse}${sign}` : undefined;
}

/** The comparison with its operands exchanged. */
export function swappedOf(mnemonic: string): string | undefined {
  const [, type = "", relation = "", sign = ""] = COMPARISON.exec(mnemonic) ?? [];
  const swapped: Readonly<Record<string, string>> = {
    eq: "eq",
    ne: "ne",
    lt: "gt",
    gt: "lt",
    le: "ge",
    ge: "le",
  };
  const other = swapped[relation];
  return other === undefined ? undefined : `${type}.${other}${sign}`;
}

/** Whether operands of an instruction can be exchanged. */
export const COMMUTATIVE: ReadonlySet<string> = new Set(
  ["i32", "i64"].flatMap((type) => ["add", "mul", "and", "or", "xor"].map((name) => `${type}.${name}`)),
);
