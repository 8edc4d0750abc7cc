import type { CompositeType, Module, SubType } from "../module.ts";
import { heapOf, isAbstract, isNullable, isRef, type ValueType } from "../types.ts";

/*
 * The alphabet of keys: one or two UTF-16 units a type, disjoint ranges. Text rather than numbers, because the
 * engine's hash of strings is seeded and so cannot be made to collide by a hostile module.
 *
 *     0x00 – 0x7f      number, vector and packed types
 *     0x80 – 0x1ff     abstract references: low seven bits of the heap code, nullability at 0x100
 *     0x200 – 0x2ff    concrete references: high bits of the index below, two flags above; the low bits follow
 */
const ABSTRACT_UNIT = 0x80;
const NULLABLE_UNIT = 0x100;
const CONCRETE_UNIT = 0x200;
const CONCRETE_NULLABLE = 0x80;
const IN_GROUP = 0x40;
const LOW_BITS = 15;

const KINDS = { func: "f", struct: "s", array: "a" } as const;

function number(value: number): string {
  return String.fromCharCode(value >> LOW_BITS, value & ((1 << LOW_BITS) - 1));
}

/** Writes one recursion group so that two groups are equal if and only if their texts are. */
class GroupKey {
  readonly #canonical: Int32Array;
  readonly #start: number;

  constructor(canonical: Int32Array, start: number) {
    this.#canonical = canonical;
    this.#start = start;
  }

  subtype(type: SubType): string {
    let key = type.final ? "!" : "?";
    for (const index of type.supertypes) key += this.#concrete(index, 0);
    return key + this.#composite(type.composite);
  }

  #composite(composite: CompositeType): string {
    let key: string = KINDS[composite.kind];
    switch (composite.kind) {
      case "func":
        key += number(composite.params.length);
        for (const type of composite.params) key += this.#value(type);
        key += number(composite.results.length);
        for (const type of composite.results) key += this.#value(type);
        return key;
      case "struct":
        key += number(composite.fields.length);
        for (const field of composite.fields) key += this.#value(field.storage) + (field.mutable ? "m" : "c");
        return key;
      case "array":
        return key + this.#value(composite.field.storage) + (composite.field.mutable ? "m" : "c");
    }
  }

  #value(type: ValueType): string {
    if (!isRef(type)) return String.fromCharCode(type);
    if (!isAbstract(type)) return this.#concrete(heapOf(type), isNullable(type) ? CONCRETE_NULLABLE : 0);
    const unit = ABSTRACT_UNIT | (heapOf(type) & 0x7f);
    return String.fromCharCode(isNullable(type) ? unit | NULLABLE_UNIT : unit);
  }

  /** A type of the same group counts by its place in the group, any other by its canonical index. */
  #concrete(index: number, flags: number): string {
    const inGroup = index >= this.#start;
    const value = inGroup ? index - this.#start : this.#canonical[index] ?? 0;
    const unit = CONCRETE_UNIT | flags | (inGroup ? IN_GROUP : 0) | (value >> LOW_BITS);
    return String.fromCharCode(unit, value & ((1 << LOW_BITS) - 1));
  }
}

/** Groups of types that were seen before, in other modules, too. */
export class KnownTypes {
  readonly #groups = new Map<string, number>();
  #count = 0;

  /** The number of the first type of a group that is written like this; new ones get the numbers that come next. */
  numberOf(key: string, size: number): number {
    let first = this.#groups.get(key);
    if (first === undefined) {
      first = this.#count;
      this.#groups.set(key, first);
      this.#count += size;
    }
    return first;
  }
}

/** Gives every type of a module a number that equal types of all modules share; see {@linkcode canonicalTypes}. */
export function numberTypes(module: Pick<Module, "types" | "groups">, known: KnownTypes): Int32Array {
  return numberGroups(module, (key, size) => known.numberOf(key, size));
}

/**
 * Gives every type the index of the first type that is equal to it under iso-recursive equivalence (specification,
 * section 3.2, rolling and unrolling of recursive types): equal types are those with equal canonical indices.
 * The reader has checked that references are in range.
 */
export function canonicalTypes(module: Module): Int32Array {
  const groups = new Map<string, number>();
  return numberGroups(module, (key, _size, start) => {
    const first = groups.get(key);
    if (first === undefined) groups.set(key, start);
    return first ?? start;
  });
}

function numberGroups(
  module: Pick<Module, "types" | "groups">,
  numberOf: (key: string, size: number, start: number) => number,
): Int32Array {
  const numbers = new Int32Array(module.types.length);
  for (const { start, size } of module.groups) {
    const writer = new GroupKey(numbers, start);
    let key = "";
    for (let index = start; index < start + size; index++) {
      const type = module.types[index];
      if (type !== undefined) key += writer.subtype(type);
    }
    const first = numberOf(key, size, start);
    for (let place = 0; place < size; place++) numbers[start + place] = first + place;
  }
  return numbers;
}
