/** Has instructions that stand one behind the other done by one case of the core, where it has one. */
import { linkBetween } from "./links.ts";
import type { MemoryKind } from "../machine_layout.ts";
import type { Link } from "../core/core_writer.ts";
import { lengthAt } from "../core/lengths.ts";
import { findMemoryOperation, findOperation, FIRST_SEQUENCE } from "../core/operations.ts";
import { type SequencePart, SEQUENCES } from "../core/sequences.ts";

/** What may follow: the sequence that ends here, and what may come next. */
interface Node {
  /** The number of the sequence; -1 for none. */
  number: number;
  readonly next: Map<number, Node>;
}

/** Sequences are written for a first memory whose addresses are of 32 bits; where there is none, some are left out. */
const WITH_MEMORY: Node = buildTree(() => true);
const WITHOUT_MEMORY: Node = buildTree(({ name }) => findMemoryOperation(name) < 0);

/** An operation, and how it is linked to the one before it, as one number. */
function stepOf(number: number, link: Link | undefined): number {
  return number * 16 + (link === undefined ? 0 : 2 * link.word + (link.kept ? 1 : 0));
}

function buildTree(isThere: (part: SequencePart) => boolean): Node {
  const root: Node = { number: -1, next: new Map() };
  for (const [place, parts] of SEQUENCES.entries()) {
    if (!parts.every(isThere)) continue;
    let node = root;
    for (const { name, link } of parts) {
      const number = Math.max(findOperation(name), findMemoryOperation(name));
      if (number < 0) throw new Error(`Cannot join a sequence: there is no operation "${name}"`);
      const step = stepOf(number, link);
      let next = node.next.get(step);
      if (next === undefined) {
        next = { number: -1, next: new Map() };
        node.next.set(step, next);
      }
      node = next;
    }
    node.number = FIRST_SEQUENCE + place;
  }
  return root;
}

/** The words of a function. */
export interface FunctionCode {
  readonly start: number;
  readonly end: number;
  /** Where in its frame operands begin. */
  readonly operands: number;
}

/** Changes the code of a function so that sequences are done by one case; positions stay what they are. */
export type JoinSequences = (
  code: Int32Array,
  range: FunctionCode,
  memories: readonly MemoryKind[],
) => void;

/** Longest sequences first, from the start: all words but the first of a sequence stay as they are. */
export const joinSequences: JoinSequences = (code, range, memories) => {
  const root = memories[0] === "i32" ? WITH_MEMORY : WITHOUT_MEMORY;
  let at = range.start;
  while (at < range.end) {
    let node = root.next.get(stepOf(code[at] ?? 0, undefined)), position = at, found = -1, behind = -1;
    let length = lengthAt(code, at, memories);
    const alone = at + length;
    while (node !== undefined) {
      const before = position;
      position += length;
      if (node.number >= 0) [found, behind] = [node.number, position];
      if (position >= range.end || node.next.size === 0) break;
      node = node.next.get(
        stepOf(code[position] ?? 0, linkBetween(code, { before, position }, range.operands)),
      );
      length = lengthAt(code, position, memories);
    }
    if (found >= 0) code[at] = found;
    at = found >= 0 ? behind : alone;
  }
};
