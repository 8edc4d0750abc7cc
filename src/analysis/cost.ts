/**
 * The fuel cost model. The first block is wasmtime 48's default (`FuelCosts`): 1 a instruction, 0 for instructions
 * that generate no code, 1 a function entry, 1 a byte, element or page of a bulk operation. The second block is
 * ours: surcharges for instructions whose time grows with something that the first block does not see. Which class
 * an instruction belongs to stands in the opcode table.
 */
export interface CostModel {
  /** Units for an instruction that is not free. */
  readonly instruction: number;
  /** Units for entering a function. */
  readonly functionEntry: number;
  /** Units a byte of memory.fill, memory.copy, memory.init. */
  readonly byte: number;
  /** Units an element of table.fill, table.copy, table.init, and of the array instructions that take a length. */
  readonly element: number;
  /** Units a page of memory.grow. */
  readonly page: number;

  /** Declared locals that a function may have before they cost: V8 zeroes each at every entry. */
  readonly freeLocals: number;
  /** Locals beyond that a unit. */
  readonly localsPerUnit: number;
  /** Units for a throw: V8 allocates an exception and unwinds, 15 ns measured. */
  readonly throw: number;
  /** Units a catch clause, charged where the try is entered: an exception is compared with one after the other. */
  readonly catchClause: number;
  /** Units a 64-bit word of a throw's payload. */
  readonly payloadWord: number;
  /** Values moved by a branch, call or return a unit. */
  readonly valuesPerUnit: number;
  /** Least units for memory.grow and table.grow: each is a call out of the guest's code. */
  readonly leastGrowth: number;
}

/** The model that every sandbox uses by default. */
export const DEFAULT_COSTS: CostModel = Object.freeze({
  instruction: 1,
  functionEntry: 1,
  byte: 1,
  element: 1,
  page: 1,
  freeLocals: 64,
  localsPerUnit: 64,
  throw: 50,
  catchClause: 1,
  payloadWord: 1,
  valuesPerUnit: 16,
  leastGrowth: 50,
});

/** Units that a function entry costs with this many declared locals, parameters not included. */
export function entryCost(costs: CostModel, localCount: number): number {
  const beyond = localCount - costs.freeLocals;
  return costs.functionEntry + (beyond > 0 ? Math.floor(beyond / costs.localsPerUnit) : 0);
}

/** Units that moving this many values adds to a branch, call or return. */
export function moveCost(costs: CostModel, values: number): number {
  return Math.floor(values / costs.valuesPerUnit);
}
