import { HEAP, heapOf, isAbstract, isNullable, isRef, type ValueType } from "../../wasm/types.ts";
import { isAbstractSubtype } from "../../wasm/validate/type_relation.ts";

/**
 * Whether a value of the one type may stand where the other is expected, in a store: indices of types are the store's
 * numbers, and every type that has one is that of functions.
 *
 * @param isSubtype the relation of those numbers
 */
export function isValueSubtype(
  sub: ValueType,
  sup: ValueType,
  isSubtype: (sub: number, sup: number) => boolean,
): boolean {
  if (sub === sup) return true;
  if (!isRef(sub) || !isRef(sup) || isNullable(sub) && !isNullable(sup)) return false;
  const below = heapOf(sub), above = heapOf(sup);
  if (isAbstract(sub)) return isAbstract(sup) ? isAbstractSubtype(below, above) : below === HEAP.nofunc;
  return isAbstract(sup) ? above === HEAP.func : isSubtype(below, above);
}

/** A value type as one number in which indices of types are the store's. @param typeNumbers those of the module's types */
export function storeType(type: ValueType, typeNumbers: Int32Array): number {
  if (!isRef(type) || isAbstract(type)) return type;
  return type - heapOf(type) + (typeNumbers[heapOf(type)] ?? 0);
}
