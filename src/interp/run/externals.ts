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

  get length(): number {
    return this.machine.word(this.record + TABLE.length);
  }

  /** The elements as they are now: words. */
  get words(): Int32Array {
    const start = this.machine.word(this.record + TABLE.elements) >> 2;
    return this.machine.words.subarray(start, start + this.length);
  }

  /** @throws {RangeError} beyond the end */
  get(index: number): unknown {
    const word = this.words[this.#checked(index)];
    return this.values.references.fromWord(this.type.element, word ?? 0);
  }

  /** @throws {RangeError} beyond the end @throws {TypeError} for what is no value of its type */
  set(index: number, value: unknown): void {
    this.words[this.#checked(index)] = this.values.references.toWord(this.type.element, value);
  }

  #checked(index: number): number {
    if (index < 0 || index >= this.length) throw new RangeError(TRAP_MESSAGES.table);
    return index;
  }

  /** Grows by so many elements that hold this word. @returns the length before, -1 if it cannot grow so far */
  growBy(count: number, word: number): number {
    const before = this.length, after = before + count, { max } = this.type;
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

  /** As {@linkcode growBy}, for JavaScript. @throws {RangeError} */
  grow(count: number, value: unknown = null): number {
    const before = this.growBy(count, this.values.references.toWord(this.type.element, value));
    if (before < 0) throw new RangeError(`Cannot grow the table by ${count} elements`);
    return before;
  }
}
