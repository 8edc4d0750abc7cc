/** Where data segments will lie, as far as a module says: numbers, and what its constant expressions make of them. */
import { InstructionReader } from "../wasm/instructions.ts";
import type { ByteRange, DataSegment, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";
import { I32, I64 } from "../wasm/types.ts";

/** An address: so far behind what an imported global will say, or behind 0. */
export interface SegmentPlace {
  /** The global; -1 for 0. */
  readonly base: number;
  readonly address: number;
}

interface Value {
  readonly base: number;
  readonly bits: 32 | 64;
  readonly value: bigint;
}

const CODES = {
  i32: op("i32.const"),
  i64: op("i64.const"),
  global: op("global.get"),
  end: op("end"),
} as const;

const NO_BASE = -1;

type Operation = (one: Value, other: Value) => Value | undefined;

/** What is known of a sum: one side at most is behind a global. */
const add: Operation = (one, other) => {
  if (one.base !== NO_BASE && other.base !== NO_BASE) return undefined;
  return { bits: one.bits, base: Math.max(one.base, other.base), value: one.value + other.value };
};

const subtract: Operation = (one, other) =>
  other.base === NO_BASE ? { ...one, value: one.value - other.value } : undefined;

const multiply: Operation = (one, other) =>
  one.base === NO_BASE && other.base === NO_BASE ? { ...one, value: one.value * other.value } : undefined;

const OPERATIONS: ReadonlyMap<number, Operation> = new Map([
  [op("i32.add"), add],
  [op("i64.add"), add],
  [op("i32.sub"), subtract],
  [op("i64.sub"), subtract],
  [op("i32.mul"), multiply],
  [op("i64.mul"), multiply],
]);

/** Values that an expression may have at a time: compilers need two. */
const HIGHEST = 64;

/** Evaluates constant expressions. Linear in their bytes: a global is evaluated once. */
export class SegmentPlaces {
  readonly #reader: InstructionReader;
  readonly #globals: readonly (Value | undefined)[];

  constructor(module: Module) {
    this.#reader = new InstructionReader(module.bytes);
    const globals: (Value | undefined)[] = this.#globals = [];
    for (const [index, { type, init }] of module.globals.entries()) {
      const bits = type === I32 ? 32 : type === I64 ? 64 : undefined;
      globals.push(
        init !== undefined ? this.#evaluate(init) : bits && { base: index, bits, value: 0n },
      );
    }
  }

  /** @returns undefined where that is not known */
  of({ position }: DataSegment): SegmentPlace | undefined {
    const found = position === undefined ? undefined : this.#evaluate(position);
    if (found === undefined) return undefined;
    return { base: found.base, address: Number(found.value) };
  }

  #evaluate({ start, end }: ByteRange): Value | undefined {
    const reader = this.#reader, stack: Value[] = [];
    reader.reset(start, end);
    while (reader.next()) {
      const { key } = reader;
      if (key === CODES.end) return stack.length === 1 ? stack[0] : undefined;
      const value = key === CODES.i32
        ? { base: NO_BASE, bits: 32, value: BigInt(reader.i32) } as const
        : key === CODES.i64
        ? { base: NO_BASE, bits: 64, value: reader.i64 } as const
        : key === CODES.global
        ? this.#globals[reader.index]
        : this.#apply(OPERATIONS.get(key), stack);
      if (value === undefined || stack.length >= HIGHEST) return undefined;
      stack.push({ ...value, value: BigInt.asUintN(value.bits, value.value) });
    }
    return undefined;
  }

  #apply(operation: Operation | undefined, stack: Value[]): Value | undefined {
    const other = stack.pop(), one = stack.pop();
    return operation === undefined || one === undefined || other === undefined
      ? undefined
      : operation(one, other);
  }
}
