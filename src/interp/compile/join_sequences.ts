/** Has instructions that stand one behind the other done by one case of the core, where it has one. */
import type { MemoryKind } from "../machine_layout.ts";
import { lengthAt } from "../core/lengths.ts";
import { findMemoryOperation, findOperation, FIRST_SEQUENCE } from "../core/operations.ts";
import { SEQUENCES } from "../core/sequences.ts";

/** What may follow: the sequence that ends here, and what may come next. */
interface Node {
  /** The number of the sequence; -1 for none. */
  number: number;
  readonly next: Map<number, Node>;
}

/** Sequences are written for a first memory whose addresses are of 32 bits; where there is none, some are left out. */
const WITH_MEMORY: Node = buildTree(() => true);
const WITHOUT_MEMORY: Node = buildTree((name) => findMemoryOperation(name) < 0);

function buildTree(isThere: (name: string) => boolean): Node {
  const root: Node = { number: -1, next: new Map() };
  for (const [place, names] of SEQUENCES.entries()) {
    if (!names.every(isThere)) continue;
    let node = root;
    for (const name of names) {
      const number = Math.max(findOperation(name), findMemoryOperation(name));
      if (number < 0) throw new Error(`Cannot join "${names.join(" ; ")}": there is no operation "${name}"`);
      let next = node.next.get(number);
      if (next === undefined) {
        next = { number: -1, next: new Map() };
        node.next.set(number, next);
      }
      node = next;
    }
    node.number = FIRST_SEQUENCE + place;
  }
  return root;
}

/** Longest sequences first, from the start: positions and all words but the first of a sequence stay as they are. */
export function joinSequences(
  code: Int32Array,
  range: { readonly start: number; readonly end: number },
  memories: readonly MemoryKind[],
): void {
  const root = memories[0] === "i32" ? WITH_MEMORY : WITHOUT_MEMORY;
  let at = range.start;
  while (at < range.end) {
    let node = root.next.get(code[at] ?? 0), position = at, found = -1, behind = -1;
    let length = lengthAt(code, at, memories);
    const alone = at + length;
    while (node !== undefined) {
      position += length;
      if (node.number >= 0) [found, behind] = [node.number, position];
      if (position >= range.end || node.next.size === 0) break;
      node = node.next.get(code[position] ?? 0);
      length = lengthAt(code, position, memories);
    }
    if (found >= 0) code[at] = found;
    at = found >= 0 ? behind : alone;
  }
}
