/**
 * What the interpreter costs: `deno task bench:interp`. The kernels of `bench:fuel`, metered on both engines, in one process
 * and sample by sample; and in interpreters of others, where they are installed.
 *
 *     deno task bench:interp [--quick] [--only NAME,…] [--json FILE]
 */
import { parseArgs } from "node:util";
import { compare, EFFORTS } from "./fuel/compare.ts";
import { kernelArgument } from "./fuel/kernel_workloads.ts";
import { Metered } from "./fuel/metered.ts";
import { geometricMean } from "./fuel/statistics.ts";
import { Table } from "./fuel/table.ts";
import { installedPeers } from "./interp/peers.ts";
import { type Kernel, kernelBytes, kernels } from "./kernels/kernels.ts";
import { boundText, type Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";

/** The ratio to V8 that was aimed at. */
const AIM = 15;

/** Share of a kernel's work: V8 takes about 4 ms for a tenth of it. */
const SHARE = 0.1;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    json: { type: "string" },
  },
});

interface Row {
  readonly name: string;
  readonly group: Kernel["group"];
  /** Milliseconds, metered. */
  readonly v8: number;
  readonly interpreter: number;
  readonly ratio: number;
  /** Whether both consumed the same fuel in their first run. */
  readonly sameFuel: boolean;
  /** Milliseconds by peer. */
  readonly peers: Readonly<Record<string, number>>;
}

const only = values.only.split(",").filter((name) => name !== "");
const chosen = kernels.filter(({ name }) => only.length === 0 || only.includes(name));
const peers = await installedPeers();

async function start(
  kernel: Kernel,
  engine: "v8" | "interpreter",
): Promise<{ metered: Metered; work: () => number }> {
  const metered = await Metered.start(await kernelBytes(kernel), [], engine),
    n = kernelArgument(kernel, SHARE);
  const run = metered.exports["run"] as (n: number) => number; // every kernel exports it
  return { metered, work: () => metered.run(() => run(n)) };
}

async function measure(kernel: Kernel): Promise<Row> {
  const v8 = await start(kernel, "v8"), interpreter = await start(kernel, "interpreter");
  for (const { work } of [v8, interpreter]) work();
  const sameFuel = v8.metered.lastUnits === interpreter.metered.lastUnits; // later runs may find another heap
  const { bare, variant, ratio } = compare(
    { name: kernel.name, bare: v8.work, variant: interpreter.work },
    values.quick ? { ...EFFORTS.quick, pairs: 3 } : { ...EFFORTS.full, pairs: 7 },
  );
  const times: Record<string, number> = {};
  for (const peer of peers) {
    const took = await peer.time(kernel, SHARE);
    if (took !== undefined) times[peer.name] = took;
  }
  return {
    name: kernel.name,
    group: kernel.group,
    v8: bare,
    interpreter: variant,
    ratio,
    sameFuel,
    peers: times,
  };
}

const table = new Table([
  { heading: "kernel", width: 18 },
  { heading: "V8", width: 9 },
  { heading: "interpreter", width: 12 },
  { heading: "ratio", width: 7 },
  { heading: "fuel", width: 6 },
  ...peers.map(({ name }) => ({ heading: `${name} / V8`, width: 12 })),
]);

console.log(table.heading);
const rows: Row[] = [];
for (const kernel of chosen) {
  const row = await measure(kernel);
  rows.push(row);
  console.log(table.row([
    row.name,
    row.v8.toFixed(2),
    row.interpreter.toFixed(2),
    row.ratio.toFixed(1),
    row.sameFuel ? "same" : "OTHER",
    ...peers.map(({ name }) =>
      row.peers[name] === undefined ? "-" : ((row.peers[name] ?? 0) / row.v8).toFixed(1)
    ),
  ]));
}

const figures: Figure[] = [];

function mean(
  name: string,
  list: readonly Row[],
  of: (row: Row) => number | undefined,
  aim: Pick<Figure, "most"> = {},
): void {
  const ratios = list.map(of).filter((ratio) => ratio !== undefined);
  if (ratios.length === 0) return;
  const figure: Figure = { name: `${name}, geometric mean`, value: geometricMean(ratios), unit: "×", ...aim };
  console.log(
    `${figure.name.padEnd(48)} ${figure.value.toFixed(2)}  (${ratios.length}) ${boundText(figure)}`,
  );
  figures.push(figure);
}

console.log();
const ofKernels = rows.filter(({ group }) => group === "kernel");
mean("interpreter / V8, kernels", ofKernels, ({ ratio }) => ratio, { most: AIM });
mean("interpreter / V8, recursion", rows.filter(({ group }) => group === "recursion"), ({ ratio }) => ratio);
for (const { name } of peers) {
  mean(
    `${name} / V8, kernels`,
    ofKernels,
    ({ peers, v8 }) => peers[name] === undefined ? undefined : peers[name] / v8,
  );
}
await writeFigures(figures);
const { deno, v8 } = Deno.version;
console.log(`\nDeno ${deno}, V8 ${v8}; milliseconds, metered on both engines`);
if (values.json !== undefined) {
  await Deno.writeTextFile(values.json, `${JSON.stringify({ deno, v8, rows }, undefined, 2)}\n`);
}
