/**
 * Lays out generated code as `deno fmt` would leave it at its default width: on one line where it fits, else an item
 * a line.
 */

/** Columns of a line. */
const WIDTH = 80;

/** A list between brackets. */
export interface Group {
  /** What stands before the first item: `call(`, `[`, `{`. */
  readonly before: string;
  readonly items: readonly Piece[];
  readonly after: string;
  /** Whether blanks stand inside of the brackets when they are on one line, as in `{ a }`. */
  readonly spaced?: true;
  /** Whether the last item of several lines is without a comma. */
  readonly bare?: true;
}

/** Code: text that cannot be broken, or a list that can. */
export type Piece = string | Group;

/** The piece on one line, however long. */
export function flat(piece: Piece): string {
  if (typeof piece === "string") return piece;
  const { before, items, after, spaced } = piece;
  const pad = spaced && items.length > 0 ? " " : "";
  return `${before}${pad}${items.map(flat).join(", ")}${pad}${after}`;
}

/**
 * Prints a piece whose first line is already indented.
 *
 * @param indent columns before it
 * @param tail characters that follow on its last line
 */
export function layout(piece: Piece, indent: number, tail: number): string {
  const line = flat(piece);
  if (typeof piece === "string" || indent + line.length + tail <= WIDTH) return line;
  const { before, items, after, bare } = piece, last = items.length - 1;
  const inner = items.map((item, index) => {
    const comma = bare && index === last ? "" : ",";
    return `${" ".repeat(indent + 2)}${layout(item, indent + 2, comma.length)}${comma}\n`;
  });
  return `${before}\n${inner.join("")}${" ".repeat(indent)}${after}`;
}

/** A piece as lines of their own. */
export function statement(piece: Piece, indent: number, tail = ""): string {
  return `${" ".repeat(indent)}${layout(piece, indent, tail.length)}${tail}\n`;
}
