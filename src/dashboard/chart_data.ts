/** What charts are made of, as numbers: gaps where nothing was measured, values on top of each other. */

/** Times in seconds since 1970, and the values of each series at them; null for none. */
export type ChartData = readonly [times: readonly number[], ...values: (readonly (number | null)[])[]];

/** Puts a gap wherever two times are further apart than that, so that no line leads over what nobody saw. @param longest seconds */
export function withGaps([times, ...values]: ChartData, longest: number): ChartData {
  const gapped: number[] = [], lines: (number | null)[][] = values.map(() => []);
  times.forEach((time, at) => {
    const before = times[at - 1];
    if (before !== undefined && time - before > longest) {
      gapped.push(before + longest / 2);
      for (const line of lines) line.push(null);
    }
    gapped.push(time);
    lines.forEach((line, index) => line.push(values[index]?.[at] ?? null));
  });
  return [gapped, ...lines];
}

/**
 * Each series on top of those before it. The last one, which is the highest, comes first: so it is drawn, and the others
 * over it. Nothing where no series has a value.
 */
export function stacked([times, ...values]: ChartData): ChartData {
  let below: readonly (number | null)[] = times.map(() => null);
  const sums = values.map((line) => {
    below = times.map((_, at) => {
      const own = line[at] ?? null, under = below[at] ?? null;
      return own === null && under === null ? null : (own ?? 0) + (under ?? 0);
    });
    return below;
  });
  return [times, ...sums.reverse()];
}

/** The last value that is there, of each series; null where there is none. */
export function latest([, ...values]: ChartData): (number | null)[] {
  return values.map((line) => line.findLast((one) => one !== null) ?? null);
}

/** All values of each series together; null where there is none. */
export function sums([, ...values]: ChartData): (number | null)[] {
  return values.map((line) => line.reduce((sum, one) => one === null ? sum : (sum ?? 0) + one, null));
}
