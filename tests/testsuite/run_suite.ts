/**
 * `deno task test:spec`: runs the official suite in every mode, prints totals, and fails unless all of it holds.
 *
 *     deno task test:spec [beginning of a script's name …]      for instance f32.wast or legacy/
 */
import { scriptNames, testsuiteFolder } from "./location.ts";
import { MODES } from "./modes.ts";
import type { Counts } from "./script_report.ts";
import { runSuite } from "./suite_run.ts";
import { engineRefusals, findings, sumCounts, summary } from "./suite_totals.ts";

/** Lines about failures that are printed; a broken build would fill the screen. */
const MOST_FINDINGS = 200;

const NAME_WIDTH = 44, COUNTS_WIDTH = 18;

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(COUNTS_WIDTH)).join("");
}

function cells(counts: readonly Counts[]): string[] {
  return counts.map(({ passed, failed, excepted }) => `${passed}/${failed}/${excepted}`);
}

async function main(wanted: readonly string[]): Promise<number> {
  const folder = testsuiteFolder();
  if (folder === undefined) {
    console.error("The official suite was not found: name its folder in AEGIS_TESTSUITE");
    return 2;
  }
  const names = scriptNames(folder);
  const unknown = wanted.filter((start) => !names.some((name) => name.startsWith(start)));
  if (unknown.length > 0) {
    console.error(`No script begins with ${unknown.map((name) => JSON.stringify(name)).join(", ")}`);
    return 2;
  }
  const started = performance.now();
  const scripts = wanted.length === 0
    ? names
    : names.filter((name) => wanted.some((start) => name.startsWith(start)));
  const reports = await runSuite({ folder, scripts, modes: MODES });
  console.log(row("passed/failed/excepted", MODES.map(({ name }) => name)));
  for (const { script, counts } of reports) console.log(row(script, cells(counts)));
  console.log(row("sum", cells(sumCounts(reports, MODES))));
  const found = findings(reports), seconds = ((performance.now() - started) / 1000).toFixed(1);
  const refusals = engineRefusals(reports);
  if (refusals.length > 0) {
    console.log("\nnot run by the interpreter");
    for (const line of refusals) console.log(line);
  }
  for (const line of ["", ...found.slice(0, MOST_FINDINGS), "", ...summary(reports, MODES)]) {
    console.log(line);
  }
  console.log(`${scripts.length} scripts in ${seconds} s: ${found.length === 0 ? "passed" : "FAILED"}`);
  return found.length === 0 ? 0 : 1;
}

// Ends the process: a Worker that had to be written off would keep it alive.
if (import.meta.main) Deno.exit(await main(Deno.args));
