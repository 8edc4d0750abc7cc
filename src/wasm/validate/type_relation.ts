import type { CompositeType, FieldType, FunctionType, Module, SubType } from "../module.ts";
import { BOTTOM, HEAP, heapOf, isAbstract, isNullable, isRef, type ValueType } from "../types.ts";
import { canonicalTypes } from "./canonical_types.ts";

/** Proper supertypes of the abstract heap types (specification, section 3.3.3). */
const ABOVE: Readonly<Record<number, readonly number[]>> = {
  [HEAP.none]: [HEAP.i31, HEAP.struct, HEAP.array, HEAP.eq, HEAP.any],
  [HEAP.i31]: [HEAP.eq, HEAP.any],
  [HEAP.struct]: [HEAP.eq, HEAP.any],
  [HEAP.array]: [HEAP.eq, HEAP.any],
  [HEAP.eq]: [HEAP.any],
  [HEAP.nofunc]: [HEAP.func],
  [HEAP.noextern]: [HEAP.extern],
  [HEAP.noexn]: [HEAP.exn],
};

/** The abstract type right above a concrete one. */
const KIND = { func: HEAP.func, struct: HEAP.struct, array: HEAP.array } as const;

/** The type below every concrete one of a kind. */
const LEAST = { func: HEAP.nofunc, struct: HEAP.none, array: HEAP.none } as const;

/** The type above all others of a kind. */
const GREATEST: Readonly<Record<number, number>> = {
  [HEAP.nofunc]: HEAP.func,
  [HEAP.func]: HEAP.func,
  [HEAP.noextern]: HEAP.extern,
  [HEAP.extern]: HEAP.extern,
  [HEAP.noexn]: HEAP.exn,
  [HEAP.exn]: HEAP.exn,
};

/** The relation of two codes of {@linkcode HEAP}. */
export function isAbstractSubtype(sub: number, sup: number): boolean {
  return sub === sup || (ABOVE[sub]?.includes(sup) ?? false);
}

/** Equality and subtyping of the types of one module. */
export class TypeRelation {
  /** Canonical index by type index: equal types have equal ones. */
  readonly canonical: Int32Array;
  readonly #types: readonly SubType[];

  constructor(module: Module) {
    this.canonical = canonicalTypes(module);
    this.#types = module.types;
  }

  /** Whether a value of type `sub` may stand where `sup` is expected. */
  isSubtype(sub: ValueType, sup: ValueType): boolean {
    if (sub === sup || sub === BOTTOM) return true;
    if (!isRef(sub) || !isRef(sup) || (isNullable(sub) && !isNullable(sup))) return false;
    return this.isHeapSubtype(sub, sup);
  }

  /** The relation of the heap types of two references, whatever their nullability. */
  isHeapSubtype(sub: ValueType, sup: ValueType): boolean {
    const below = heapOf(sub);
    const above = heapOf(sup);
    if (isAbstract(sub)) {
      if (isAbstract(sup)) return isAbstractSubtype(below, above);
      const type = this.#types[above];
      return type !== undefined && below === LEAST[type.composite.kind];
    }
    if (!isAbstract(sup)) return this.#isConcreteSubtype(below, above);
    const type = this.#types[below];
    return type !== undefined && isAbstractSubtype(KIND[type.composite.kind], above);
  }

  /** The heap code at the top of a reference's hierarchy: any, func, extern or exn. */
  top(type: ValueType): number {
    if (!isAbstract(type)) return this.#types[heapOf(type)]?.composite.kind === "func" ? HEAP.func : HEAP.any;
    return GREATEST[heapOf(type)] ?? HEAP.any;
  }

  /** Whether a composite type has the form that a declared supertype demands. */
  isCompositeSubtype(sub: CompositeType, sup: CompositeType): boolean {
    if (sub.kind === "func") return sup.kind === "func" && this.#isFunctionSubtype(sub, sup);
    if (sub.kind === "array") return sup.kind === "array" && this.#isFieldSubtype(sub.field, sup.field);
    return sup.kind === "struct" && sup.fields.every((field, index) => {
      const own = sub.fields[index];
      return own !== undefined && this.#isFieldSubtype(own, field);
    });
  }

  #isConcreteSubtype(sub: number, sup: number): boolean {
    const wanted = this.canonical[sup];
    for (
      let index: number | undefined = sub;
      index !== undefined;
      index = this.#types[index]?.supertypes[0]
    ) {
      if (this.canonical[index] === wanted) return true;
    }
    return false;
  }

  #isFunctionSubtype(sub: FunctionType, sup: FunctionType): boolean {
    return sub.params.length === sup.params.length && sub.results.length === sup.results.length &&
      sub.params.every((type, index) => this.isSubtype(sup.params[index] ?? BOTTOM, type)) &&
      sub.results.every((type, index) => this.isSubtype(type, sup.results[index] ?? BOTTOM));
  }

  #isFieldSubtype(sub: FieldType, sup: FieldType): boolean {
    if (sub.mutable !== sup.mutable || !this.isSubtype(sub.storage, sup.storage)) return false;
    return !sup.mutable || this.isSubtype(sup.storage, sub.storage);
  }
}
