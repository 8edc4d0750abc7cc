import type { FunctionBody, FunctionType, LocalGroup } from "../module.ts";
import { isExceptionRef, isNullable, isRef, type ValueType } from "../types.ts";

/** Whether a local of this type starts without a value. */
export function isDefaultable(type: ValueType): boolean {
  return !isRef(type) || isNullable(type);
}

/**
 * The locals of one function. A body of four bytes can declare 50,000 locals and use none, so only as many are written
 * out as its bytes could name twice over; the rest are found by their group.
 */
export class Locals {
  /** Parameters included. */
  count = 0;
  /** How many stand in {@linkcode types}. */
  dense = 0;
  types: Int32Array = new Int32Array(256);
  /** Whether any local must be set before it is read. */
  tracked = false;
  /** Whether any declared local can hold an exception. */
  holdsExceptions = false;
  /** Locals set so far that had no value, in order; a block undoes those that were set within it. */
  setCount = 0;

  #params: readonly ValueType[] = [];
  #groups: readonly LocalGroup[] = [];
  /** First local past each group; filled at the first look past {@linkcode dense}. */
  #groupEnds: Float64Array | undefined;
  #order: Int32Array = new Int32Array(16);
  /** By local: the run in which it was set. */
  #setIn: Int32Array = new Int32Array(0);
  #run = 0;

  reset(type: FunctionType, body: FunctionBody): void {
    const groups = body.locals; // decoded at each look
    this.#params = type.params;
    this.#groups = groups;
    this.#groupEnds = undefined;
    this.count = type.params.length + body.localCount;
    this.dense = Math.min(this.count, 64 + 2 * (body.end - body.start));
    if (this.dense > this.types.length) this.types = new Int32Array(2 * this.dense);
    this.#fill();
    this.tracked = groups.some((group) => group.count > 0 && !isDefaultable(group.type));
    this.holdsExceptions = groups.some((group) => isExceptionRef(group.type));
    this.setCount = 0;
    this.#run++;
    if (this.tracked && this.#setIn.length < this.count) this.#setIn = new Int32Array(this.count);
  }

  /** The type of a local below {@linkcode count}. */
  typeOf(index: number): ValueType {
    return index < this.dense ? this.types[index] ?? 0 : this.#lookUp(index);
  }

  /** Whether a local without default has no value yet. */
  isUnset(index: number): boolean {
    return index >= this.#params.length && this.#setIn[index] !== this.#run &&
      !isDefaultable(this.typeOf(index));
  }

  set(index: number): void {
    if (!this.isUnset(index)) return;
    if (this.setCount === this.#order.length) {
      const grown = new Int32Array(2 * this.setCount);
      grown.set(this.#order);
      this.#order = grown;
    }
    this.#order[this.setCount++] = index;
    this.#setIn[index] = this.#run;
  }

  /** Takes values back from locals that were set after the first `count` were. */
  unsetAfter(count: number): void {
    while (this.setCount > count) this.#setIn[this.#order[--this.setCount] ?? 0] = 0;
  }

  #fill(): void {
    const { types, dense } = this;
    let at = Math.min(this.#params.length, dense);
    for (let index = 0; index < at; index++) types[index] = this.#params[index] ?? 0;
    for (const group of this.#groups) {
      if (at === dense) return;
      const end = Math.min(at + group.count, dense);
      types.fill(group.type, at, end);
      at = end;
    }
  }

  #lookUp(index: number): ValueType {
    const param = this.#params[index];
    if (param !== undefined) return param;
    const ends = this.#groupEnds ??= this.#sumGroups();
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (index < (ends[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return this.#groups[low]?.type ?? 0;
  }

  #sumGroups(): Float64Array {
    const ends = new Float64Array(this.#groups.length);
    let end = this.#params.length;
    this.#groups.forEach((group, index) => ends[index] = end += group.count);
    return ends;
  }
}
