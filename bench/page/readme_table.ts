/** Which figures the README shows, and where. */
import { type Chosen, renderPage, renderTable } from "./render.ts";
import { type BenchResult, PAGE_FILE, RESULTS_FILE, writeResults } from "./results.ts";

const ROOT = new URL("../../", import.meta.url);

export const CHOSEN: readonly Chosen[] = [
  {
    what: "time of metered code over bare V8, 37 kernels, geometric mean",
    bench: "fuel",
    figure: "kernels, geometric mean",
  },
  { what: "the same, worst of them", bench: "fuel", figure: "kernels, worst" },
  {
    what: "size of modules after instrumentation, median",
    bench: "fuel",
    figure: "instrumented size, median",
  },
  {
    what: "from abort to a spinning guest's end, worst p99",
    bench: "fuel",
    figure: "kill latency, worst p99",
  },
  { what: "call, both sides looking", bench: "calls", figure: "callSync" },
  { what: "call", bench: "calls", figure: "call" },
  { what: "a new sandbox: start, load, call", bench: "calls", figure: "cold sandbox: start, load, call" },
  {
    what: "a warm one: acquire, call, release",
    bench: "calls",
    figure: "pooled sandbox: acquire, call, release",
  },
  { what: "bytes into a guest", bench: "calls", figure: "bytes in, 4 MiB" },
  { what: "files read in pieces of 64 KiB", bench: "files", figure: "256 MiB in reads of 64 KiB" },
  {
    what: "interpreter over V8, kernels, geometric mean",
    bench: "interp",
    figure: "interpreter / V8, kernels, geometric mean",
  },
  {
    what: "`aegis run` of a module over `deno run` of an empty file",
    bench: "start",
    figure: "aegis run of a module, over an empty file",
  },
];

/** Between these lines the README's table stands. */
export const BEGIN = '<!-- figures: written by "deno task bench" -->', END = "<!-- end of figures -->";

/** The README with the table of these results. @throws {Error} when the place is not there once */
export function withTable(readme: string, results: readonly BenchResult[]): string {
  const [before, rest, ...more] = readme.split(BEGIN), [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`Cannot find the place of the figures in the README: "${BEGIN}" to "${END}"`);
  }
  return `${before}${BEGIN}\n\n${renderTable(results, CHOSEN)}\n\n${END}${after}`;
}

/** Writes the results, the page and the README's table, formatted as the rest of the tree is. */
export async function writePage(results: readonly BenchResult[]): Promise<void> {
  const page = new URL(PAGE_FILE, ROOT), readme = new URL("README.md", ROOT);
  await writeResults(results);
  await Deno.writeTextFile(page, renderPage(results));
  await Deno.writeTextFile(readme, withTable(await Deno.readTextFile(readme), results));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", PAGE_FILE, RESULTS_FILE, "README.md"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error("Cannot format the page");
}
