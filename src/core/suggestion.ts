/** Edits between two words, a swap of neighbours counted as one; given up as soon as it must exceed `bound`; inputs are cut to 64 characters. */
function editDistance(from: string, to: string, bound: number): number {
  const a = from.slice(0, 64), b = to.slice(0, 64);
  let beforeLast: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let cost = Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > bound) return bound + 1;
    beforeLast = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/**
 * The names a person may have meant by `wanted`, nearest first: those that differ by at most a third of their
 * letters, or that contain it or are contained in it. At most `most` of them, from at most 1,000 candidates.
 */
export function suggest(wanted: string, candidates: Iterable<string>, most = 3): string[] {
  const bound = Math.max(1, Math.floor(Math.min(wanted.length, 64) / 3));
  const lower = wanted.toLowerCase();
  const scored: { name: string; score: number }[] = [];
  let seen = 0;
  for (const name of candidates) {
    if (++seen > 1_000) break;
    const other = name.toLowerCase();
    const distance = editDistance(lower, other, bound);
    if (distance <= bound) scored.push({ name, score: distance });
    else if (lower.length >= 3 && other.length >= 3 && (other.includes(lower) || lower.includes(other))) {
      scored.push({ name, score: bound + 1 });
    }
  }
  return scored.sort((a, b) => a.score - b.score).slice(0, most).map((entry) => entry.name);
}
