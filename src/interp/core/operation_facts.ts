/** What operations read and give, told by the very code that writes their cases. */
import { CoreWriter } from "./core_writer.ts";
import { MEMORY_OPERATIONS } from "./memory_operations.ts";
import { FIRST_MEMORY_OPERATION, OPERATIONS } from "./operations.ts";
import type { ValueType } from "../../wasm/types.ts";

export interface OperationFacts {
  /** Type of the result, whose register the word 1 names; undefined for none. */
  readonly result: ValueType | undefined;
  /** Operands in registers: the words that name them, by type. */
  readonly operands: ReadonlyMap<number, ValueType>;
  /** Whether the core may be left in the midst of it. */
  readonly leaves: boolean;
}

/** Writes nowhere, and notes. */
class FactsWriter extends CoreWriter {
  given: ValueType | undefined;
  readonly operands: Map<number, ValueType> = new Map();
  leaves = false;

  override operand(type: ValueType, index: number): this {
    this.operands.set(index, type);
    return super.operand(type, index);
  }

  override result(type: ValueType): this {
    this.given = type;
    return super.result(type);
  }

  override leave(reason: number): this {
    this.leaves = true;
    return super.leave(reason);
  }
}

function factsOf(write: (core: CoreWriter) => unknown): OperationFacts {
  const writer = new FactsWriter();
  write(writer);
  const { given: result, operands, leaves } = writer;
  return { result, operands, leaves };
}

const NARROW = { index: 1, wide: false, outOfBounds: 0 };

const known: (OperationFacts | undefined)[] = [];

/** Facts of an operation by its number: one on values, or on a first memory whose addresses are of 32 bits. */
export function factsOfOperation(number: number): OperationFacts | undefined {
  const before = known[number];
  if (before !== undefined) return before;
  const plain = OPERATIONS[number], access = MEMORY_OPERATIONS[number - FIRST_MEMORY_OPERATION];
  if (plain !== undefined) return known[number] = factsOf(plain.write);
  if (access !== undefined) return known[number] = factsOf((core) => access.write(core, NARROW));
  return undefined;
}
