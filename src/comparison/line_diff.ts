/**
 * Which lines of two texts are the same (Myers, "An O(ND) Difference Algorithm", 1986), within a bound on the work: two
 * functions that have nothing in common would take the product of their lines.
 */

/** Lines that are gone, are new, or are in both. */
export interface DiffLine {
  readonly mark: "-" | "+" | " ";
  readonly text: string;
}

/** Lines that differ at most; its square is memory, and its product with the lines is time. */
const MOST_EDITS = 1500;

/** Gives equal lines the same number. */
function numbered(one: readonly string[], other: readonly string[]): readonly [Int32Array, Int32Array] {
  const numbers = new Map<string, number>();
  const numberOf = (line: string): number => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  };
  return [Int32Array.from(one, numberOf), Int32Array.from(other, numberOf)];
}

/** The furthest places that so many edits lead to, by diagonal, for each number of edits; undefined beyond the bound. */
function furthest(one: Int32Array, other: Int32Array): Int32Array[] | undefined {
  const trace: Int32Array[] = [], most = Math.min(MOST_EDITS, one.length + other.length);
  const reach = new Int32Array(2 * most + 3), middle = most + 1;
  for (let edits = 0; edits <= most; edits++) {
    trace.push(reach.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const above = reach[middle + diagonal + 1] ?? 0, left = reach[middle + diagonal - 1] ?? 0;
      let x = diagonal === -edits || diagonal !== edits && left < above ? above : left + 1;
      while (x < one.length && x - diagonal < other.length && one[x] === other[x - diagonal]) x++;
      reach[middle + diagonal] = x;
      if (x >= one.length && x - diagonal >= other.length) return trace;
    }
  }
  return undefined;
}

/** Goes back from the end, along the edits. */
function editsOf(trace: readonly Int32Array[], x: number, y: number): ("-" | "+" | " ")[] {
  const marks: ("-" | "+" | " ")[] = [];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reach = trace[edits] ?? new Int32Array(0), middle = edits + 1, diagonal = x - y;
    const above = reach[middle + diagonal + 1] ?? 0, left = reach[middle + diagonal - 1] ?? 0;
    const down = diagonal === -edits || diagonal !== edits && left < above;
    const startX = edits === 0 ? 0 : down ? above : left + 1;
    const startY = startX - diagonal;
    for (; x > startX && y > startY; x--, y--) marks.push(" ");
    if (edits === 0) break;
    marks.push(down ? "+" : "-");
    if (down) y--;
    else x--;
  }
  return marks.reverse();
}

/**
 * Compares two texts by their lines. Where they differ in too much, what is between the lines that they begin and end
 * with is gone and new as a whole.
 */
export function diffLines(one: readonly string[], other: readonly string[]): DiffLine[] {
  const least = Math.min(one.length, other.length);
  let start = 0, end = 0;
  while (start < least && one[start] === other[start]) start++;
  while (end < least - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end++;
  const middle = one.slice(start, one.length - end), otherMiddle = other.slice(start, other.length - end);
  const [numbers, otherNumbers] = numbered(middle, otherMiddle), trace = furthest(numbers, otherNumbers);
  const marks = trace === undefined
    ? [...middle.map(() => "-" as const), ...otherMiddle.map(() => "+" as const)]
    : editsOf(trace, middle.length, otherMiddle.length);
  const same = (text: string): DiffLine => ({ mark: " ", text });
  let x = 0, y = 0;
  const changed = marks.map((mark): DiffLine => {
    const text = mark === "+" ? otherMiddle[y] : middle[x];
    if (mark !== "-") y++;
    if (mark !== "+") x++;
    return { mark, text: text ?? "" };
  });
  return [...one.slice(0, start).map(same), ...changed, ...one.slice(one.length - end).map(same)];
}

/** Lines around a change that are shown. */
const CONTEXT = 3;

/** Parts of a comparison that have a change, with some lines around; a line of `@@` stands between them. */
export function* hunks(lines: readonly DiffLine[]): Generator<string> {
  let shown = -1; // past the last line that was shown
  for (let at = 0; at < lines.length; at++) {
    if (lines[at]?.mark === " ") continue;
    const from = Math.max(at - CONTEXT, shown, 0);
    if (from > shown) yield `@@ line ${from + 1} @@`;
    let end = at + 1, last = at;
    while (end < lines.length && end - last <= 2 * CONTEXT) {
      if (lines[end]?.mark !== " ") last = end;
      end++;
    }
    end = Math.min(last + CONTEXT + 1, lines.length);
    for (const { mark, text } of lines.slice(from, end)) yield mark + text;
    shown = end;
    at = end - 1;
  }
}
