/** What metering costs a workload, in one row. */
import { compare, type Comparison, type Effort } from "./compare.ts";
import type { PeerTime } from "./peers.ts";
import { meteredSubject, type Workload } from "./subject.ts";
import { Table } from "./table.ts";

export interface Cost extends Comparison {
  readonly group: Workload["group"];
  /** Fuel units of one run. */
  readonly units: number;
  /** Of metered time. */
  readonly nanosecondsPerUnit: number;
  readonly size: number;
  readonly instrumentedSize: number;
  /** The same kernel in another runtime. */
  readonly peer?: PeerTime;
}

export async function measureCost(
  workload: Workload,
  options: { readonly share: number; readonly effort: Effort; readonly peer?: PeerTime | undefined },
): Promise<Cost> {
  const subject = await meteredSubject(workload, options.share);
  const comparison = compare(subject, options.effort), units = Number(subject.units());
  return {
    ...comparison,
    group: workload.group,
    units,
    nanosecondsPerUnit: comparison.variant * 1e6 / units,
    size: subject.size,
    instrumentedSize: subject.instrumentedSize,
    ...options.peer === undefined ? {} : { peer: options.peer },
  };
}

export const COST_TABLE = new Table([
  { heading: "", width: 18 },
  { heading: "bare ms", width: 8 },
  { heading: "metered", width: 8 },
  { heading: "ratio", width: 6 },
  { heading: "paired", width: 6 },
  { heading: "best", width: 6 },
  { heading: "M units", width: 8 },
  { heading: "ns/unit", width: 7 },
  { heading: "size", width: 5 },
  { heading: "wasmtime", width: 8 },
  { heading: "its fuel", width: 8 },
  { heading: "ratio", width: 6 },
]);

export function costRow(cost: Cost): string {
  const { peer } = cost;
  return COST_TABLE.row([
    cost.name,
    cost.bare.toFixed(2),
    cost.variant.toFixed(2),
    cost.ratio.toFixed(3),
    cost.paired.toFixed(3),
    cost.best.toFixed(3),
    (cost.units / 1e6).toFixed(1),
    cost.nanosecondsPerUnit.toFixed(3),
    `${(cost.instrumentedSize / cost.size * 100).toFixed(0)}%`,
    peer?.plain.toFixed(2) ?? "–",
    peer?.fuel.toFixed(2) ?? "–",
    peer === undefined ? "–" : (peer.fuel / peer.plain).toFixed(3),
  ]);
}
