/** Which instructions take what the one before them has given. */
import type { Link } from "../core/core_writer.ts";
import { canReadAs } from "../core/core_writer.ts";
import { factsOfOperation } from "../core/operation_facts.ts";
import { operation } from "../core/operations.ts";

/** Operations that leave the operands that they read in use. */
const KEEPING: ReadonlySet<number> = new Set(
  ["copy", "copy 128", "copy copy", "if set", "if null"].map(operation),
);

/**
 * How an instruction is linked to the one before it. Registers of operands hold one operand at a time, which is read once;
 * but what may leave the core finds all of its registers again afterwards.
 *
 * @param at positions of both @param operands where in the frame operands begin
 */
export function linkBetween(
  code: Int32Array,
  at: { readonly before: number; readonly position: number },
  operands: number,
): Link | undefined {
  const first = factsOfOperation(code[at.before] ?? -1), number = code[at.position] ?? -1;
  const second = factsOfOperation(number), register = code[at.before + 1] ?? -1;
  if (first?.result === undefined || first.leaves || second === undefined) return undefined;
  let word = 0, reads = 0;
  for (const [place, type] of second.operands) {
    if (code[at.position + place] !== register) continue;
    reads++;
    if (word === 0 && canReadAs(first.result, type)) word = place;
  }
  if (word === 0) return undefined;
  return { word, kept: register < operands || reads > 1 || second.leaves || KEEPING.has(number) };
}
