/**
 * The operations of register code: what the compiler may emit, and what the core has a case for. Arithmetic, comparisons,
 * conversions, vectors and memory accesses are derived from the opcode table, so that none can be missing.
 *
 * Variants, by what stands after the mnemonic:
 *
 *     i32.add      registers: dst, a, b               i32.add #      the last operand is a number in the instruction
 *     if i32.eq    distance, a, b: a branch if true   unless f64.lt  a branch if false
 *     i32.load     dst, address, offset               i32.load 0     offset 0     i32.load +   dst, a, b, offset: at a + b
 *     i32.store    address, value, offset             i32.store 0    offset 0     i32.store #  address, number, offset
 *
 * Fused operations do what two or three do that are often found side by side; their names join those of the parts.
 */
import { FLOW_OPERATIONS } from "./flow_operations.ts";
import { FUSED_OPERATIONS } from "./fused_operations.ts";
import { MEMORY_OPERATIONS } from "./memory_operations.ts";
import type { Operation } from "./operation.ts";
import { PLAIN_OPERATIONS } from "./plain_operations.ts";
import { SEQUENCES } from "./sequences.ts";
import { TABLE_OPERATIONS } from "./table_operations.ts";
import { COUNTER_OPERATIONS, VALUE_OPERATIONS } from "./value_operations.ts";

/** The operations that do not touch a memory of the guest, by number. */
export const OPERATIONS: readonly Operation[] = [
  ...FLOW_OPERATIONS,
  ...VALUE_OPERATIONS,
  ...COUNTER_OPERATIONS,
  ...TABLE_OPERATIONS,
  ...PLAIN_OPERATIONS,
  ...FUSED_OPERATIONS,
];

/** The number of the first sequence. */
export const FIRST_SEQUENCE: number = OPERATIONS.length;

/** The number of the first operation on memory 0. */
export const FIRST_MEMORY_OPERATION: number = FIRST_SEQUENCE + SEQUENCES.length;

const NUMBERS: ReadonlyMap<string, number> = new Map(OPERATIONS.map(({ name }, number) => [name, number]));

const MEMORY_NUMBERS: ReadonlyMap<string, number> = new Map(
  MEMORY_OPERATIONS.map(({ name }, number) => [name, FIRST_MEMORY_OPERATION + number]),
);

/** The number of an operation; -1 if there is none of this name. */
export function findOperation(name: string): number {
  return NUMBERS.get(name) ?? -1;
}

/** @throws {Error} if there is none of this name */
export function operation(name: string): number {
  const number = NUMBERS.get(name) ?? MEMORY_NUMBERS.get(name);
  if (number === undefined) throw new Error(`Cannot find the operation "${name}"`);
  return number;
}

/** The number of an operation on memory 0 of the guest, -1 if there is none of this name; for the n-th memory add n times {@linkcode MEMORY_STRIDE}. */
export function findMemoryOperation(name: string): number {
  return MEMORY_NUMBERS.get(name) ?? -1;
}

/** What the numbers of an operation on one memory and on the next differ by. */
export const MEMORY_STRIDE: number = MEMORY_OPERATIONS.length;
