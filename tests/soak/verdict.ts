/** Whether something grew: figures at the start beside those at the end, and how much the second half of a run says. */
import { quantile, type Sample } from "./samples.ts";

/** A figure of a sample that must not grow. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: Sample) => number | undefined;
  /**
   * By how much the fitted line may rise over the second half of the run; undefined for a figure that says how busy the
   * machine is, and is only told.
   */
  readonly mostGrowth: number | undefined;
  /** Whether it may rise by what it was at the start besides: others have the machine, too. */
  readonly mayDouble?: boolean;
  /** What it may never exceed. */
  readonly most?: number;
}

const MEBIBYTE = 1024 * 1024;

/** Rows of the table. What a line says of a short run is mostly noise: the bounds hold for minutes and for hours. */
const MEASURES: readonly Measure[] = [
  {
    name: "server: resident memory",
    unit: "MiB",
    of: ({ server }) => server.memory / MEBIBYTE,
    mostGrowth: 48,
  },
  { name: "server: threads", unit: "", of: ({ server }) => server.threads, mostGrowth: 4 },
  { name: "server: descriptors", unit: "", of: ({ server }) => server.descriptors, mostGrowth: 8 },
  { name: "server: child processes", unit: "", of: ({ server }) => server.children, mostGrowth: 1 },
  {
    name: "server: data on disk",
    unit: "MiB",
    of: ({ disk }) => disk / MEBIBYTE,
    mostGrowth: undefined,
    most: 256,
  },
  {
    name: "library: resident memory",
    unit: "MiB",
    of: ({ library }) => library.memory / MEBIBYTE,
    mostGrowth: 64,
  },
  {
    name: "library: its children's memory",
    unit: "MiB",
    of: ({ library }) => library.childMemory / MEBIBYTE,
    mostGrowth: 192,
  },
  { name: "library: threads", unit: "", of: ({ library }) => library.threads, mostGrowth: 4 },
  { name: "library: descriptors", unit: "", of: ({ library }) => library.descriptors, mostGrowth: 16 },
  { name: "library: child processes", unit: "", of: ({ library }) => library.children, mostGrowth: 2 },
  { name: "library: event loop late", unit: "ms", of: ({ delay }) => delay, mostGrowth: undefined },
  { name: "health, p50", unit: "ms", of: ({ health }) => health.p50, mostGrowth: 20, mayDouble: true },
  { name: "health, p99", unit: "ms", of: ({ health }) => health.p99, mostGrowth: undefined },
  { name: "honest task, p50", unit: "ms", of: ({ task }) => task.p50, mostGrowth: 150, mayDouble: true },
  { name: "honest task, p99", unit: "ms", of: ({ task }) => task.p99, mostGrowth: undefined },
  { name: "honest work", unit: "1/s", of: ({ honest }) => honest, mostGrowth: undefined },
  { name: "hostile work", unit: "1/s", of: ({ hostile }) => hostile, mostGrowth: undefined },
];

/** What came of a measure. */
export interface Judged {
  readonly measure: Measure;
  /** Medians of the first tenth after the warm-up, and of the last. */
  readonly start: number;
  readonly end: number;
  /** By how much the line through the points rises over the second half, and by how much it may. */
  readonly growth: number;
  readonly bound: number;
  readonly highest: number;
  readonly isWell: boolean;
}

/** Part of a run in which caches, pools and heaps fill. */
const WARM_UP = 0.2;

/** Points that a line is put through: there are as many slopes as pairs of them. */
const MOST_POINTS = 200;

/**
 * How much the line through points rises from the first to the last: the median of the slopes between any two (Theil and Sen),
 * so that minutes in which others have the machine do not tilt it, and what grows steadily does.
 */
export function fittedGrowth(points: readonly (readonly [x: number, y: number])[]): number {
  const [first] = points, last = points.at(-1), every = Math.ceil(points.length / MOST_POINTS);
  const some = points.filter((_, index) => index % every === 0), slopes: number[] = [];
  if (first === undefined || last === undefined || points.length < 3) return 0;
  for (const [index, [x, y]] of some.entries()) {
    for (const [otherX, otherY] of some.slice(index + 1)) {
      if (otherX !== x) slopes.push((otherY - y) / (otherX - x));
    }
  }
  const sorted = Float64Array.from(slopes).sort();
  return (sorted[sorted.length >> 1] ?? 0) * (last[0] - first[0]);
}

export function judge(samples: readonly Sample[]): Judged[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP)),
    tenth = Math.max(1, Math.ceil(warm.length / 10));
  return MEASURES.map((measure) => {
    const values = (of: readonly Sample[]) => of.map(measure.of).filter((value) => value !== undefined);
    const growth = fittedGrowth(
      samples.slice(Math.floor(samples.length / 2)).flatMap((sample) => {
        const value = measure.of(sample);
        return value === undefined ? [] : [[sample.at, value] as const];
      }),
    );
    const highest = Math.max(0, ...values(samples)), { mostGrowth = Infinity, most = Infinity } = measure;
    const start = quantile(values(warm.slice(0, tenth)), 0.5) ?? NaN;
    const bound = measure.mayDouble ? mostGrowth + start : mostGrowth;
    return {
      measure,
      start,
      bound,
      end: quantile(values(warm.slice(-tenth)), 0.5) ?? NaN,
      growth,
      highest,
      isWell: !(growth > bound) && highest <= most,
    };
  });
}
