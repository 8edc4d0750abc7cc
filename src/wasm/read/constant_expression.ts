import type { Cursor } from "../cursor.ts";
import type { ByteRange } from "../module.ts";
import { op, SHAPE, SHAPES } from "../opcodes.ts";
import { truncated } from "../read_errors.ts";
import type { Draft } from "./draft.ts";

const END = op("end");
const DELEGATE = op("delegate");

/**
 * Finds the `end` of a constant expression, which is part of the range. Blocks are followed, so that the validator
 * can say that they do not belong there.
 */
export function readConstantExpression(cursor: Cursor, draft: Draft): ByteRange {
  const start = cursor.position;
  const { instructions } = draft;
  instructions.reset(start, cursor.limit);
  let depth = 1;
  while (depth > 0) {
    if (!instructions.next()) throw truncated("constant expression", cursor.limit);
    const shape = SHAPES[instructions.key];
    if (shape === SHAPE.blocktype || shape === SHAPE.tryTable) depth++;
    else if (instructions.key === END || instructions.key === DELEGATE) depth--;
  }
  cursor.position = instructions.end;
  return { start, end: instructions.end };
}
