/** What a soak came to, as a document. */
import type { Judged } from "./verdict.ts";
import type { ProcessFacts } from "./samples.ts";
import type { Tally } from "./work.ts";

/** All that there is to tell. */
export interface Outcome {
  readonly judged: readonly Judged[];
  readonly tallies: Readonly<Record<string, Tally>>;
  readonly wrong: readonly string[];
  /** Names of what did not come back to what it was before the work began. */
  readonly left: readonly string[];
  /** Before the work began and after it has ended. */
  readonly rest: Readonly<
    Record<"server" | "library", { readonly before: ProcessFacts; readonly after: ProcessFacts }>
  >;
  readonly minutes: number;
  readonly command: string;
  readonly machine: string;
  readonly versions: string;
  readonly date: string;
}

const number = (value: number) =>
  Number.isNaN(value) ? "–" : String(Number(value.toFixed(value < 10 ? 2 : 0)));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join(
    "\n",
  );
}

export function failures({ judged, wrong, left }: Pick<Outcome, "judged" | "wrong" | "left">): string[] {
  return [
    ...judged.filter(({ isWell }) => !isWell).map(({ measure, growth, highest }) =>
      `${measure.name}: the line rises by ${
        number(growth)
      } ${measure.unit} over the second half, the highest is ${number(highest)}`
    ),
    ...left,
    ...wrong.map((text) => `wrong: ${text}`),
  ];
}

/** @param picture path of the picture from the document */
export function documentOf(outcome: Outcome, picture: string): string {
  const { judged, tallies, rest, minutes, command, machine, versions, date } = outcome,
    failed = failures(outcome);
  const all = Object.entries(tallies).sort(([one], [other]) => one < other ? -1 : 1);
  const times = (honest: boolean) =>
    all.filter(([, tally]) => tally.honest === honest)
      .reduce(
        (sum, [, { outcomes }]) => sum + Object.values(outcomes).reduce((one, other) => one + other, 0),
        0,
      );
  const wrong = all.reduce((sum, [, tally]) => sum + tally.wrong, 0);
  return `# Soak

Honest and hostile work, mixed, for ${
    number(minutes)
  } minutes: on the library in one process, on both engines and both back ends,
with a pool, files, a network on loopback, snapshots; and on a task server, over HTTP, with tasks that loop, grow,
flood, trap and forge results, with cancels, schedules, lists and streams of events that come and go. Each result is
compared with what it must be. Every two seconds both processes are looked at from outside.

\`${command}\`; ${date}; ${machine}; ${versions}.

**${
    failed.length === 0
      ? "Nothing grew, and no result was wrong."
      : `It failed: ${failed.length} findings.`
  }** ${times(true)} pieces of honest work and ${
    times(false)
  } of hostile work were done; ${wrong} came to something else than they must.
${failed.length === 0 ? "" : `\n${failed.map((text) => `- ${text}`).join("\n")}\n`}
![Memory, threads and descriptors, latency and work over the time of the run](${picture})

## Figures

Start is the median of the first tenth after a fifth of the run, in which caches and heaps fill; end is that of the
last tenth. Growth is by how much the line through the second half of the run rises from its first to
its last moment, and may not exceed the bound.

${
    table(
      ["Figure", "Unit", "Start", "End", "Highest", "Growth", "Bound", "Verdict"],
      judged.map((
        { measure: { name, unit, mostGrowth, most }, start, end, highest, growth, bound, isWell },
      ) => [
        name,
        unit,
        number(start),
        number(end),
        number(highest),
        growth.toFixed(2),
        mostGrowth !== undefined ? number(bound) : most !== undefined ? `${most} in all` : "–",
        mostGrowth === undefined && most === undefined ? "told" : isWell ? "well" : "**grew**",
      ]),
    )
  }

## Before and after

What each process used before the work began and when it had ended, all tasks forgotten and all runtimes closed.

${
    table(
      ["Process", "When", "Memory, MiB", "Threads", "Descriptors", "Children"],
      Object.entries(rest).flatMap(([name, { before, after }]) =>
        ([["before", before], ["after", after]] as const).map(([when, facts]) => [
          name,
          when,
          number(facts.memory / 2 ** 20),
          String(facts.threads),
          String(facts.descriptors),
          String(facts.children),
        ])
      ),
    )
  }

## Work

${
    table(
      ["Kind", "Honest", "Times", "Wrong", "How it ended"],
      all.map(([name, { honest, outcomes, wrong }]) => [
        name,
        honest ? "yes" : "no",
        String(Object.values(outcomes).reduce((sum, count) => sum + count, 0)),
        String(wrong),
        Object.entries(outcomes).map(([words, count]) => `${words.replaceAll("|", "/")}: ${count}`).join(
          "; ",
        ),
      ]),
    )
  }
`;
}
