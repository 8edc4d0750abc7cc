import { type Bytes, leb, sleb } from "../../wasm/module_builder.ts";

/** A value type of a generated module; `ref 3` is a reference to a function of type 3. */
export type ValueType = NumberType | ReferenceType;
export type NumberType = "i32" | "i64" | "f32" | "f64" | "v128";
export type ReferenceType = "funcref" | "externref" | "exnref" | `ref ${number}` | `ref null ${number}`;

/** Parameters and results. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const SHORT: Readonly<Record<string, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
  exnref: 0x69,
};

export function typeBytes(type: ValueType): Bytes {
  const short = SHORT[type];
  if (short !== undefined) return [short];
  return [type.startsWith("ref null") ? 0x63 : 0x64, ...sleb(referredType(type))];
}

/** What `ref.null` names. */
export function heapTypeBytes(type: ValueType): Bytes {
  const short = SHORT[type];
  return short === undefined ? sleb(referredType(type)) : [short];
}

/** The index in `ref 3` and `ref null 3`. */
export function referredType(type: ValueType): number {
  return Number(/\d+$/.exec(type)?.[0] ?? -1);
}

export const isReference = (type: ValueType): boolean => /ref/.test(type);

/** Whether a null is a value of it. */
export const isNullable = (type: ValueType): boolean => /^(?:\w+ref|ref null)/.test(type);

/** Whether a value of type `given` may stand where `wanted` is expected. */
export function fits(given: ValueType, wanted: ValueType): boolean {
  if (given === wanted) return true;
  if (wanted === "funcref") return given.startsWith("ref ");
  return wanted.startsWith("ref null") && given === `ref ${referredType(wanted)}`;
}

export function signatureBytes(signature: Signature): Bytes {
  const list = (types: readonly ValueType[]) => [...leb(types.length), ...types.flatMap(typeBytes)];
  return [0x60, ...list(signature.params), ...list(signature.results)];
}
