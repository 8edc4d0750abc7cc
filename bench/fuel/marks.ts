/** What the figures are held against. A mark that is missed is printed as missed; the exit status stays 0. */
import type { Cost } from "./cost.ts";
import type { Results } from "./results.ts";
import type { Figure } from "../page/figure.ts";
import { geometricMean, largest, median } from "./statistics.ts";

type Row = readonly [name: string, value: number];

function worst(rows: readonly Row[]): { value: number; of: string } {
  const value = largest(rows.map(([, ratio]) => ratio));
  return { value, of: rows.find(([, ratio]) => ratio === value)?.[0] ?? "" };
}

/** Figures over rows; none where no row was measured. */
function over(rows: readonly Row[], make: (values: number[], rows: readonly Row[]) => Figure[]): Figure[] {
  return rows.length === 0 ? [] : make(rows.map(([, value]) => value), rows);
}

/** What fuel costs the same kernels in Wasmtime. */
function peerRows(costs: readonly Cost[]): Row[] {
  return costs.flatMap(({ name, group, peer }) =>
    peer === undefined || group !== "kernel" ? [] : [[name, peer.fuel / peer.plain] as const]
  );
}

/** Ratios of medians are what marks hold for; those of pairs stand beside them, since they suffer less from others. */
function costMarks(costs: readonly Cost[]): Figure[] {
  const rows = (group: Cost["group"], ratio: "ratio" | "paired" = "ratio") =>
    costs.filter((cost) => cost.group === group).map((cost): Row => [cost.name, cost[ratio]]);
  return [
    ...over(rows("kernel"), (values, rows) => [
      { name: "kernels, geometric mean", value: geometricMean(values), unit: "×", most: 1.08 },
      { name: "kernels, worst", ...worst(rows), unit: "×", most: 1.3 },
    ]),
    ...over(rows("kernel", "paired"), (values, rows) => [
      { name: "kernels by pairs, geometric mean", value: geometricMean(values), unit: "×" },
      { name: "kernels by pairs, worst", ...worst(rows), unit: "×" },
    ]),
    ...over(rows("recursion"), (_, rows) => [
      { name: "recursion, worst", ...worst(rows), unit: "×", most: 1.8 },
    ]),
    ...over(peerRows(costs), (values, rows) => [
      { name: "Wasmtime, geometric mean", value: geometricMean(values), unit: "×" },
      { name: "Wasmtime, worst", ...worst(rows), unit: "×" },
    ]),
    ...over(rows("third party"), (values, rows) => [
      { name: "third party, geometric mean", value: geometricMean(values), unit: "×" },
      { name: "third party, worst", ...worst(rows), unit: "×" },
    ]),
    ...over(rows("third party", "paired"), (values, rows) => [
      { name: "third party by pairs, geometric mean", value: geometricMean(values), unit: "×" },
      { name: "third party by pairs, worst", ...worst(rows), unit: "×" },
    ]),
  ];
}

/** The summary of a run, in order. */
export function marksOf(results: Results): Figure[] {
  const sizes = (results.sizes ?? []).map((row): Row => [row.name, row.instrumentedSize / row.size * 100]);
  const latencies = (results.kills ?? []).map((row): Row => [row.name, row.p99]);
  const speeds = (results.pipeline?.stages ?? []).filter((row) => row.stage === "all")
    .map((row): Row => [row.stage, row.megabytesPerSecond]);
  return [
    ...costMarks(results.costs ?? []),
    ...over(sizes, (values, rows) => [
      { name: "instrumented size, median", value: median(values), unit: "%" },
      { name: "instrumented size, worst", ...worst(rows), unit: "%", most: 150 },
    ]),
    ...over(speeds, (values) => [{ name: "pipeline", value: median(values), unit: "MB/s", least: 50 }]),
    ...over(latencies, (_, rows) => [
      { name: "kill latency, worst p99", ...worst(rows), unit: "ms", most: 10 },
    ]),
  ];
}
