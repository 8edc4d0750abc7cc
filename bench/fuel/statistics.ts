/** The few statistics that the benchmark prints. All of them refuse an empty list: a figure of nothing is an error. */

function sorted(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError("Cannot summarise no values");
  return values.toSorted((a, b) => a - b);
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const list = sorted(values), middle = list.length >> 1;
  const upper = list[middle] ?? NaN;
  return list.length % 2 === 1 ? upper : (upper + (list[middle - 1] ?? NaN)) / 2;
}

/** The smallest value that at least `percent` of all are not above: the nearest rank, so a value that was seen. */
export function percentile(values: readonly number[], percent: number): number {
  const list = sorted(values);
  const rank = Math.ceil(percent / 100 * list.length);
  return list[Math.max(rank, 1) - 1] ?? NaN;
}

/** The mean of ratios: doubling and halving cancel out. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(sorted(values).reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export function largest(values: readonly number[]): number {
  return sorted(values).at(-1) ?? NaN;
}
