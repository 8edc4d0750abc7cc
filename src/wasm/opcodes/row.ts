import type { CostClass, Feature, ImmediateKind, OpcodeRow } from "../opcode.ts";

/**
 * An {@linkcode OpcodeRow} as the tables of this folder write it: number, mnemonic, immediates, signature, then cost
 * class and alignment where they are not `plain` and -1. A signature names number and vector types and `addr` only; an
 * instruction that moves references has none.
 */
export type Row = readonly [
  sub: number,
  mnemonic: string,
  immediates: readonly ImmediateKind[],
  signature: string | undefined,
  cost?: CostClass,
  alignment?: number,
];

export const NONE: readonly ImmediateKind[] = [];
export const MEMARG: readonly ImmediateKind[] = ["memarg"];

/** Completes rows of one-byte opcodes. */
export function oneByteRows(feature: Feature, rows: readonly Row[]): readonly OpcodeRow[] {
  return rows.map(([code, mnemonic, immediates, signature, cost = "plain", alignment = -1]) => ({
    prefix: code,
    sub: 0,
    mnemonic,
    immediates,
    signature,
    cost,
    alignment,
    feature,
  }));
}

/** Completes rows of opcodes that follow a prefix byte. */
export function prefixedRows(prefix: number, feature: Feature, rows: readonly Row[]): readonly OpcodeRow[] {
  return rows.map(([sub, mnemonic, immediates, signature, cost = "plain", alignment = -1]) => ({
    prefix,
    sub,
    mnemonic,
    immediates,
    signature,
    cost,
    alignment,
    feature,
  }));
}
