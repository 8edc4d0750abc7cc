/** How long the instructions of register code are. */
import { MEMORY_OPERATIONS } from "./memory_operations.ts";
import {
  FIRST_MEMORY_OPERATION,
  FIRST_SEQUENCE,
  MEMORY_STRIDE,
  operation,
  OPERATIONS,
} from "./operations.ts";
import type { MemoryKind } from "../machine_layout.ts";

const TABLE = operation("br_table"), SERVICE = operation("service");

/** Whether an operation on a memory has an offset, which takes a word more where memories are wide. */
const HAS_OFFSET = MEMORY_OPERATIONS.map(({ name }) => !/^memory\.|( 0| at|\+# 0)$/.test(name));

/** Words of the instruction at a position, whose operation is none of a sequence. */
export function lengthAt(code: Int32Array, position: number, memories: readonly MemoryKind[]): number {
  const number = code[position] ?? 0;
  if (number >= FIRST_MEMORY_OPERATION) {
    const place = (number - FIRST_MEMORY_OPERATION) % MEMORY_STRIDE;
    const memory = Math.floor((number - FIRST_MEMORY_OPERATION) / MEMORY_STRIDE);
    const wide = memories[memory] === "i64" && HAS_OFFSET[place] === true;
    return (MEMORY_OPERATIONS[place]?.words ?? 1) + (wide ? 1 : 0);
  }
  if (number >= FIRST_SEQUENCE) throw new RangeError("A sequence has no length of its own");
  const { words = 1 } = OPERATIONS[number] ?? {};
  if (number === TABLE) return words + (code[position + 2] ?? 0) + 1;
  return number === SERVICE ? code[position + 2] ?? words : words;
}
