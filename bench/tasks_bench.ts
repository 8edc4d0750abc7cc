/**
 * Tasks under load: `deno task bench:tasks`. Fair shares of endless loops beside short tasks; 10,000 tasks through the HTTP
 * API while others read it; 1,000 hostile tasks in a row, and what is left of them.
 *
 *     deno task bench:tasks [--only fair|load|hostile] [--tasks 10000] [--hostile 1000]
 */
import { parseArgs } from "node:util";
import type { Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { measureFairness } from "./tasks/fairness.ts";
import { measureHostile } from "./tasks/hostile_tasks.ts";
import { measureLoad } from "./tasks/load.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    tasks: { type: "string", default: "10000" },
    hostile: { type: "string", default: "1000" },
  },
});

const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
  fair: measureFairness,
  load: () => measureLoad(Number(values.tasks)),
  hostile: () => measureHostile(Number(values.hostile)),
};
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (values.only === undefined || values.only === name) figures.push(...await measure());
}
await writeFigures(figures);
