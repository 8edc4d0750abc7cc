/** Blocks that are indented: a body of megabytes may nest a million, and each line would be as long as its depth. */
const DEEPEST = 40;

const SPACES = Array.from({ length: DEEPEST + 1 }, (_, depth) => "  ".repeat(depth));

/** What stands in front of a line in so many blocks. */
export function indentation(depth: number): string {
  return SPACES[Math.min(depth, DEEPEST)] ?? "";
}
