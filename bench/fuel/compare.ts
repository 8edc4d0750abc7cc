/**
 * Compares two ways of doing the same work, in one process and sample by sample, so that whatever else the machine does
 * meets both. Usable by itself, for a variant of the instrumentation:
 *
 *     for (const row of measureRatios([{ name, bare: () => run(n), variant: () => other(n) }])) console.log(row);
 */
import { median } from "./statistics.ts";

/** The same work in two ways; both return the same value, every time. */
export interface Subject {
  readonly name: string;
  readonly bare: () => number;
  readonly variant: () => number;
}

/** How much time a comparison takes; milliseconds. */
export interface Effort {
  /** Least time for which each way runs before it is measured: V8 optimises in the background meanwhile. */
  readonly warmUp: number;
  /** Most time to wait for figures that settle, for each way. */
  readonly mostWarmUp: number;
  /** Samples of each way. */
  readonly pairs: number;
}

export const EFFORTS = {
  full: { warmUp: 300, mostWarmUp: 1500, pairs: 21 },
  quick: { warmUp: 80, mostWarmUp: 160, pairs: 7 },
} as const satisfies Record<string, Effort>;

/** Milliseconds are medians of the samples. */
export interface Comparison {
  readonly name: string;
  readonly bare: number;
  readonly variant: number;
  /** Ratio of the medians. */
  readonly ratio: number;
  /** Median of the ratios of samples that were taken one after the other. */
  readonly paired: number;
  /** Ratio of the fastest samples: what is left to look at while others use the machine. */
  readonly best: number;
}

/** Times are settled when the last three are within this of the best that was seen. */
const SETTLED = 1.05;

function time(work: () => number): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function warmUp(work: () => number, effort: Effort): void {
  const started = performance.now();
  let best = Infinity, settled = 0;
  for (;;) {
    const took = time(work), elapsed = performance.now() - started;
    settled = took <= best * SETTLED ? settled + 1 : 0;
    best = Math.min(best, took);
    if (elapsed >= effort.warmUp && settled >= 3 || elapsed >= effort.mostWarmUp) return;
  }
}

/** @throws {Error} when the two ways do not return the same */
export function compare(subject: Subject, effort: Effort = EFFORTS.full): Comparison {
  const { name, bare, variant } = subject;
  const expected = bare(), seen = variant();
  if (expected !== seen) throw new Error(`"${name}" returned ${expected} bare and ${seen} as a variant`);
  warmUp(bare, effort);
  warmUp(variant, effort);
  const bareTimes: number[] = [], variantTimes: number[] = [], ratios: number[] = [];
  for (let pair = 0; pair < effort.pairs; pair++) {
    const bareFirst = pair % 2 === 0;
    const first = time(bareFirst ? bare : variant), second = time(bareFirst ? variant : bare);
    const [bareTime, variantTime] = bareFirst ? [first, second] : [second, first];
    bareTimes.push(bareTime);
    variantTimes.push(variantTime);
    ratios.push(variantTime / bareTime);
  }
  const medians = { bare: median(bareTimes), variant: median(variantTimes) };
  return {
    name,
    ...medians,
    ratio: medians.variant / medians.bare,
    paired: median(ratios),
    best: Math.min(...variantTimes) / Math.min(...bareTimes),
  };
}

/** Compares one after the other. */
export function measureRatios(subjects: readonly Subject[], effort: Effort = EFFORTS.full): Comparison[] {
  return subjects.map((subject) => compare(subject, effort));
}
