/**
 * `deno task fuzz`: fuzzes what reads hostile bytes, with counters of what they reach as the guide.
 *
 *     --minutes N     how long each target runs @default 1
 *     --target A,B    only these @default all
 *     --seed S        of the random numbers @default the time
 *     --processes P   targets at a time @default 2
 *     --blind         counts what is reached, and does not use it: to see what the guide is worth
 *     --fresh         begins with the seeds alone, and keeps no inputs
 *     --repeat FILE   tries the input of a crash once more, and nothing else
 *
 * Ends with status 1 where there was a crash.
 */
import { parseArgs } from "node:util";
import { readCrash } from "./engine/crash_file.ts";
import { tryInput } from "./engine/try_input.ts";
import { fuzzInProcess, type FuzzReport } from "./fuzz_in_process.ts";
import { loadTarget, TARGET_NAMES } from "./targets.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    target: { type: "string", default: TARGET_NAMES.join() },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    processes: { type: "string", default: "2" },
    blind: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    repeat: { type: "string" },
  },
});

/** Tries the input of a file. @returns whether it is taken as it should be */
async function repeat(path: string): Promise<boolean> {
  const { target: name, input } = readCrash(await Deno.readTextFile(path)), target = await loadTarget(name);
  const attempts = await target.open();
  const { failure, took } = await tryInput(attempts, input, target.patience);
  await attempts.close?.();
  console.log(failure ?? `${name} takes the ${input.length} bytes as it should, in ${took.toFixed(1)} ms`);
  return failure === undefined;
}

function number(name: "minutes" | "seed" | "processes"): number {
  const value = Number(values[name]);
  if (!(value >= 0)) throw new RangeError(`Cannot use --${name} "${values[name]}": it takes a number`);
  return value;
}

const COLUMNS = ["target", "executions", "a second", "corpus", "branches", "of", "crashes"];

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, index) => index === 0 ? String(cell).padEnd(14) : String(cell).padStart(11)).join(
    "",
  );
}

function printReport({ name, progress, crashes }: FuzzReport): void {
  const { executions, seconds, corpus, reached, branches } = progress;
  console.log(
    row([
      name,
      executions,
      Math.round(executions / Math.max(seconds, 1e-3)),
      corpus,
      reached,
      branches,
      crashes,
    ]),
  );
}

async function fuzzAll(): Promise<boolean> {
  const names = values.target.split(",");
  for (const name of names) await loadTarget(name); // an unknown one is told before the others have run
  const waiting = [...names], seed = number("seed"), reports: FuzzReport[] = [];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { blind, fresh } = values;
      const report = await fuzzInProcess({ name, seed, seconds: number("minutes") * 60, blind, fresh });
      reports.push(report);
      console.error(`${name}: ${report.progress.executions} executions, ${report.crashes} crashes`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, number("processes")) }, lane));
  console.log(row(COLUMNS));
  reports.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name)).forEach(printReport);
  console.log(`seed ${seed}`);
  return reports.every(({ crashes }) => crashes === 0);
}

Deno.exit(await (values.repeat === undefined ? fuzzAll() : repeat(values.repeat)) ? 0 : 1);
