/** The page of the benchmarks, and the table of the README, from the same results: no figure of them is written by hand. */
import { BENCHES } from "./benches.ts";
import { aimOf, type Figure, isMet, valueText } from "./figure.ts";
import { machineText } from "./machine.ts";
import type { BenchResult } from "./results.ts";

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function rowOf(figure: Figure): string {
  const aim = aimOf(figure), verdict = aim === "" ? "" : isMet(figure) ? aim : `${aim}, **missed**`;
  const of = figure.of === undefined ? "" : ` (${figure.of})`;
  return `| ${cell(figure.name + of)} | ${valueText(figure)} | ${verdict} |`;
}

/** Where all were taken on one day and one machine, that is said once. */
function takenOn({ date, machine }: BenchResult): string {
  return `${date}, ${machineText(machine)}`;
}

/** The page. */
export function renderPage(results: readonly BenchResult[]): string {
  const places = new Set(results.map(takenOn)), [only] = places;
  const sections = BENCHES.flatMap(({ name, title, about, needs }) => {
    const result = results.find((one) => one.name === name);
    if (result === undefined) return [];
    return [
      `## ${title}

${about}${needs === undefined ? "" : ` Needs ${needs}.`} By \`deno task bench --only ${name}\`${
        places.size > 1 ? `: ${takenOn(result)}` : ""
      }.

| figure | value | aim |
| ------ | ----- | --- |
${result.figures.map(rowOf).join("\n")}
`,
    ];
  });
  return `# Benchmarks

<!-- Written by "deno task bench"; do not edit. -->

\`deno task bench\` runs all of them, one after the other, and writes this page and
[benchmarks.json](benchmarks.json). ${
    places.size === 1 ? `Taken on ${only}.` : "When and where each was taken stands with it."
  }

Times are medians where nothing else is said, ratios are of alternating runs in one process or of processes in turn.
A machine that others use, too, is slower and less even than one of your own: look at ratios first. An aim that
was missed is shown as missed.

${sections.join("\n")}`;
}

/** A row of the README's table, by the benchmark and the name of its figure. */
export interface Chosen {
  readonly what: string;
  readonly bench: string;
  readonly figure: string;
}

/** @throws {Error} for a figure that the results do not have */
function chosenFigure(results: readonly BenchResult[], { bench, figure }: Chosen): Figure {
  const found = results.find(({ name }) => name === bench)?.figures.find(({ name }) => name === figure);
  if (found === undefined) throw new Error(`Cannot find figure "${figure}" of "${bench}"`);
  return found;
}

/** The table of the README. @throws {Error} for a figure that the results do not have */
export function renderTable(results: readonly BenchResult[], rows: readonly Chosen[]): string {
  const lines = rows.map((row) => {
    const figure = chosenFigure(results, row), aim = aimOf(figure);
    return `| ${cell(row.what)} | ${valueText(figure)} | ${
      aim === "" ? "" : isMet(figure) ? aim : `${aim}, missed`
    } |`;
  });
  const named = results.filter(({ name }) => rows.some(({ bench }) => bench === name));
  return `| what | measured | aim |
| ---- | -------- | --- |
${lines.join("\n")}

${[...new Set(named.map(takenOn))].join("; ")}.`;
}
