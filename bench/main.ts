/**
 * `deno task bench`: runs the benchmarks one after the other, and writes docs/benchmarks.json, docs/benchmarks.md and the
 * table of the README from their figures. What fails is told, and keeps its older figures.
 *
 *     --only NAME,…  these alone; the others keep their figures
 *     --quick        a short form of each, to see whether it works: writes nothing
 *     --render       writes the page and the table anew from the figures that there are, and runs nothing
 *     --list         lists them and runs nothing
 */
import { parseArgs } from "node:util";
import { type Bench, BENCHES } from "./page/benches.ts";
import type { Figure } from "./page/figure.ts";
import { thisMachine } from "./page/machine.ts";
import { writePage } from "./page/readme_table.ts";
import { type BenchResult, mergeResults, readResults } from "./page/results.ts";
import { FIGURES_FILE } from "./page/write_figures.ts";

const ROOT = new URL("..", import.meta.url);

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    render: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

/** Runs one, with its output on ours. @returns undefined when it failed */
async function run(
  { name, file, args = [], quick = [], flags = [] }: Bench,
): Promise<BenchResult | undefined> {
  const figures = await Deno.makeTempFile();
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-prompt", "--frozen", "--lock=tests/deno.lock", ...flags, file],
        ...args,
        ...values.quick ? quick : [],
      ],
      cwd: ROOT,
      env: { [FIGURES_FILE]: figures, NO_COLOR: "1" },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    const text = await Deno.readTextFile(figures);
    if (!success || text === "") return undefined;
    const found: Figure[] = JSON.parse(text); // `writeFigures` writes it
    return { name, date: new Date().toISOString().slice(0, 10), machine: thisMachine(), figures: found };
  } finally {
    await Deno.remove(figures);
  }
}

function choose(): readonly Bench[] {
  const names = values.only?.split(","),
    unknown = names?.find((name) => BENCHES.every((one) => one.name !== name));
  if (unknown !== undefined) {
    throw new Error(
      `Cannot find benchmark "${unknown}": there are ${BENCHES.map(({ name }) => name).join(", ")}`,
    );
  }
  return BENCHES.filter(({ name }) => names?.includes(name) ?? true);
}

async function main(): Promise<number> {
  const chosen = choose(), results: BenchResult[] = [], failed: string[] = [];
  if (values.list) {
    for (const { name, title } of BENCHES) console.log(`${name.padEnd(12)}${title}`);
    return 0;
  }
  for (const bench of values.render ? [] : chosen) {
    console.log(`\n== ${bench.title}`);
    const result = await run(bench);
    if (result === undefined) failed.push(bench.name);
    else results.push(result);
  }
  if (!values.quick) {
    await writePage(mergeResults(await readResults(), results, BENCHES.map(({ name }) => name)));
  }
  if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
  return failed.length;
}

Deno.exit(await main());
