/** What instances export and import besides functions and memories, as JavaScript sees it. */
import { TABLE } from "../machine_layout.ts";
import type { MachineMemory } from "./machine_memory.ts";
import { TRAP_MESSAGES } from "./traps.ts";
import type { Values } from "./values.ts";
import type { ValueType } from "../../wasm/types.ts";

/** A global: the value lies at its address. */
export class InterpreterGlobal {
  constructor(
    readonly values: Values,
    readonly address: number,
    readonly type: { readonly value: ValueType; readonly mutable: boolean; readonly typeNumber: number },
  ) {}

  get value(): unknown {
    return this.values.read(this.type.value, this.address);
  }

  /** @throws {TypeError} for what is no value of its type, and where it is immutable */
  set value(value: unknown) {
    if (!this.type.mutable) throw new TypeError("Cannot set the value of an immutable global");
    this.values.write(this.type.value, value, this.address);
  }
}

/** A tag: exceptions are told by the object. */
export class InterpreterTag {
  constructor(readonly typeNumber: number, readonly params: readonly ValueType[]) {}
}

export interface InterpreterTableType {
  readonly element: ValueType;
  readonly typeNumber: number;
  readonly min: bigint;
  readonly max: bigint | undefined;
  readonly index64: boolean;
}

/** Elements that no table of ours has more of. */
const MOST_ELEMENTS = 10_000_000;

/** Bits of which no bigint has more. */
const WHOLE = Number.MAX_SAFE_INTEGER;

export class InterpreterTable {
  /** Address of the record of `TABLE`. */
  readonly record: number;
  #room: number;

  constructor(readonly machine: MachineMemory, readonly values: Values, readonly type: InterpreterTableType) {
    const length = Number(type.min);
    this.record = machine.allocate(TABLE.size);
    this.#room = length;
    const elements = machine.allocate(4 * length);
    machine.setWord(this.record + TABLE.elements, elements);
    machine.setWord(this.record + TABLE.length, length);
  }

  /** Elements, whatever the index type. */
  get size(): number {
    return this.machine.word(this.record + TABLE.length);
  }

  /** As JavaScript sees it: in bigints where indices are wide, here and below. */
  get length(): number | bigint {
    return this.type.index64 ? BigInt(this.size) : this.size;
  }

  /** The elements as they are now: words. */
  get words(): Int32Array {
    const start = this.machine.word(this.record + TABLE.elements) >> 2;
    return this.machine.words.subarray(start, start + this.size);
  }

  /** @throws {TypeError} for what is no index @throws {RangeError} beyond the end */
  get(index: unknown): unknown {
    const word = this.words[this.#checked(index)];
    return this.values.references.fromWord(this.type.element, word ?? 0);
  }

  /** @throws {TypeError} for what is no index, or no value of its type @throws {RangeError} beyond the end */
  set(index: unknown, value: unknown): void {
    const at = this.#checked(index), word = this.values.references.toWord(this.type.element, value);
    this.words[at] = word;
  }

  #checked(index: unknown): number {
    const at = this.#number(index);
    if (at >= this.size) throw new RangeError(TRAP_MESSAGES.table);
    return at;
  }

  /** An index or a count, as the JavaScript API converts it. */
  #number(value: unknown): number {
    // `as`: what converts throws for what it does not take.
    if (this.type.index64) {
      const exact = BigInt.asIntN(WHOLE, value as bigint);
      if (exact === BigInt.asUintN(64, exact)) return Number(exact);
    } else {
      const number = Math.trunc(+(value as number));
      if (number >= 0 && number < 2 ** 32) return number;
    }
    throw new TypeError(`Cannot use "${String(value)}" as an index of a table`);
  }

  /** Grows by so many elements that hold this word. @returns the length before, -1 if it cannot grow so far */
  growBy(count: number, word: number): number {
    const before = this.size, after = before + count, { max } = this.type;
    if (after > MOST_ELEMENTS || max !== undefined && BigInt(after) > max) return -1;
    if (after > this.#room) {
      this.#room = Math.max(after, Math.min(2 * this.#room, MOST_ELEMENTS));
      const elements = this.machine.allocate(4 * this.#room);
      this.machine.words.set(this.words, elements >> 2);
      this.machine.setWord(this.record + TABLE.elements, elements);
    }
    this.machine.setWord(this.record + TABLE.length, after);
    this.words.fill(word, before);
    return before;
  }

  /** As {@linkcode growBy}, for JavaScript. @throws {TypeError} for what is no count @throws {RangeError} */
  grow(count: unknown, value: unknown = null): number | bigint {
    const added = this.#number(count);
    const before = this.growBy(added, this.values.references.toWord(this.type.element, value));
    if (before < 0) throw new RangeError(`Cannot grow the table by ${added} elements`);
    return this.type.index64 ? BigInt(before) : before;
  }
}
