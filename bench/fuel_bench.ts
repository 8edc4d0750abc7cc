/**
 * What metering costs: `deno task bench:fuel`. Bare V8 against instrumented code, in one process, on kernels of our own
 * and on what npm packages ship; how much larger modules become and how fast that goes; and how soon a guest stops.
 * Prints tables; always ends with status 0 when it could measure, whatever the figures are.
 */
import { EFFORTS } from "./fuel/compare.ts";
import { type Cost, COST_TABLE, costRow, measureCost } from "./fuel/cost.ts";
import { kernelWorkloads } from "./fuel/kernel_workloads.ts";
import { measureKills } from "./fuel/kills.ts";
import { marksOf } from "./fuel/marks.ts";
import { type Options, readOptions, USAGE } from "./fuel/options.ts";
import { measurePeers, type PeerTime } from "./fuel/peers.ts";
import { KILL_TABLE, killRow, pipelineReport, sizeReport, summaryReport } from "./fuel/report.ts";
import type { Results } from "./fuel/results.ts";
import { measureSizes } from "./fuel/sizes.ts";
import { measureMemory, measureThroughput } from "./fuel/throughput.ts";
import { thirdPartyWorkloads } from "./fuel/workloads/third_party.ts";
import { kernels } from "./kernels/kernels.ts";
import { writeFigures } from "./page/write_figures.ts";

const WORKLOADS = [...kernelWorkloads, ...thirdPartyWorkloads];

/** How much of everything is done. */
const AMOUNTS = {
  full: { share: 1, effort: EFFORTS.full, rounds: 7, kills: 200 },
  quick: { share: 0.25, effort: EFFORTS.quick, rounds: 3, kills: 20 },
} as const;

function print(title: string, lines: readonly string[] = []): void {
  console.log(["", title, ...lines].join("\n"));
}

async function measureCosts(options: Options, amount: typeof AMOUNTS[keyof typeof AMOUNTS]): Promise<Cost[]> {
  const wanted = (name: string) => options.only.length === 0 || options.only.includes(name);
  const peers: ReadonlyMap<string, PeerTime> = options.peers
    ? await measurePeers(kernels.filter((kernel) => wanted(kernel.name)), amount.share)
    : new Map();
  const costs: Cost[] = [];
  print("Metered against bare", [COST_TABLE.heading]);
  for (const workload of WORKLOADS) {
    if (!wanted(workload.name)) continue;
    const cost = await measureCost(workload, { ...amount, peer: peers.get(workload.name) });
    console.log(costRow(cost));
    costs.push(cost);
  }
  return costs;
}

async function measureModules(rounds: number): Promise<Pick<Results, "sizes" | "pipeline" | "memory">> {
  const sizes = await measureSizes();
  print("Size of third-party modules, custom sections left out", sizeReport(sizes));
  const pipeline = await measureThroughput(rounds), memory = await measureMemory();
  const title = `Pipeline on ${(pipeline.size / 1e6).toFixed(2)} MB, and how much a process grows`;
  print(title, pipelineReport(pipeline.stages, memory));
  return { sizes, pipeline, memory };
}

async function measure(options: Options): Promise<Results> {
  const amount = options.quick ? AMOUNTS.quick : AMOUNTS.full;
  const { deno, v8 } = Deno.version;
  let results: Results = { deno, v8, quick: options.quick };
  if (options.costs) results = { ...results, costs: await measureCosts(options, amount) };
  if (options.costs && options.only.length === 0) {
    results = { ...results, ...await measureModules(amount.rounds) };
  }
  if (options.kills) {
    print("From abort to settlement", [KILL_TABLE.heading]);
    const kills = await measureKills(amount.kills, (row) => console.log(killRow(row)));
    results = { ...results, kills };
  }
  return results;
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args, WORKLOADS.map((workload) => workload.name));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  const started = performance.now();
  const results = await measure(options), marks = marksOf(results);
  print("Summary", summaryReport(marks));
  await writeFigures(marks);
  console.log(
    `\n${((performance.now() - started) / 1000).toFixed(0)} s on Deno ${results.deno}, V8 ${results.v8}`,
  );
  if (options.json !== undefined) {
    await Deno.writeTextFile(options.json, `${JSON.stringify({ ...results, marks }, undefined, 2)}\n`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
