/** The page of the comparison and the table of the README, from the same result: no answer in them is written by hand. */
import { machineText } from "../page/machine.ts";
import { type Compared, type Comparison, COMPARISON_FILE, COMPARISON_PAGE, FIGURES } from "./comparison.ts";
import { type Answer, type Question, type QuestionName, QUESTIONS } from "./questions.ts";

const SHOWN = { yes: "yes", no: "**no**", lacks: "not offered", unknown: "not measured" } as const;

const cell = (text: string) => text.replaceAll("|", "\\|");

/** `1`, `0.42`, `13`: two digits that say something. */
function ratioText(ratio: number): string {
  return String(Number(ratio.toPrecision(2)));
}

function figureText(times: number | undefined, aegis: number | undefined): string {
  return times === undefined || aegis === undefined ? SHOWN.unknown : ratioText(times / aegis);
}

/** A row for each question and each figure, a column for each that is compared. */
export function renderTable(
  compared: readonly Compared[],
  questions: readonly Pick<Question, "name" | "text">[] = QUESTIONS,
): string {
  const [aegis] = compared;
  const answers = questions.map(({ name, text }) => [
    text,
    ...compared.map(({ answers }) => SHOWN[answers[name as QuestionName].answer]), // each is a row of QUESTIONS
  ]);
  const figures = FIGURES.map(({ name, text }) => [
    text,
    ...compared.map(({ times }) => figureText(times[name], aegis?.times[name])),
  ]);
  const lines = [["", ...compared.map(({ title }) => title)], ...answers, ...figures].map((row) =>
    `| ${row.map(cell).join(" | ")} |`
  );
  return lines.toSpliced(1, 0, `|${" --- |".repeat(compared.length + 1)}`).join("\n");
}

function seenText({ title, answer: { answer, detail } }: { title: string; answer: Answer }): string {
  return `- ${title}, ${SHOWN[answer]}: ${detail}`;
}

function renderSeen(compared: readonly Compared[]): string {
  return QUESTIONS.map(({ name, text }) => {
    const lines = compared.map(({ title, answers }) => seenText({ title, answer: answers[name] }));
    return `### ${text[0]?.toUpperCase()}${text.slice(1)}\n\n${lines.join("\n")}\n`;
  }).join("\n");
}

function renderTimes(compared: readonly Compared[]): string {
  return FIGURES.map(({ name, text }) => {
    const times = compared.map(({ title, times }) =>
      times[name] === undefined ? `${title} not measured` : `${title} ${times[name].toFixed(2)} ms`
    );
    return `- ${text}: ${times.join("; ")}`;
  }).join("\n");
}

/** The page. */
export function renderPage({ date, machine, compared }: Comparison): string {
  return `# What else there is

<!-- Written by "deno task bench:comparison"; do not edit. -->

\`deno task bench:comparison\` runs the same guests in what one would take in place of Aegis, each in a process of its
own, with all that it offers to bound them, and writes this page, [comparison.json](comparison.json) and the table of
the [README](../README.md). Run on ${date}, ${machineText(machine)}. Compared were

${compared.map(({ title, what }) => `- ${title}: ${what}`).join("\n")}

${renderTable(compared)}

"Not offered" is no fault by itself: who runs code of his own needs none of it. Lower times are better. That a thread of
Deno computes on after \`terminate()\` is [known there](https://github.com/denoland/deno/pull/35657); on Node it ends.

## How it is asked

Each question has a guest that does harm and one of the same kind that behaves
([guests.ts](../bench/comparison/guests.ts)). Unless the one that behaves runs to its right end, twice, in the very
same program, and the other one has told its host that it begins, there is no answer: "not measured" says why
below. So it is with a program that fails for a reason of its own. A host that dies or hangs answers the questions
about hosts, and no others. A file counts as read when the guest knows its bytes, which are random. What the programs
saw is judged in one place for all ([questions.ts](../bench/comparison/questions.ts)).

Times are medians, of processes in turn; the first calls of a process do not count. A start takes what a program would
do for one call of a module that it has in memory, or on disk for Wasmtime: compile, make a place for it, call, close.
The computation is a sieve, without its start's share being taken off.

To run it, have Node and Python on the path, then \`npm install --prefix FOLDER @extism/extism@2.0.0-rc13\` and
\`pip install wasmtime\`, and start \`deno task bench:comparison --packages FOLDER\`. What is not installed is left
out of the table.

## What was seen

${renderSeen(compared)}
### Times

${renderTimes(compared)}

## What the others do better

- **A Worker** needs no dependency, and [browsers have it](https://developer.mozilla.org/docs/Web/API/Worker), too.
- **\`node:wasi\`** comes with Node and with Deno. Of its files, Node's own documentation says
  [not to rely on it for untrusted code](https://nodejs.org/api/wasi.html): that it answers two questions here as it
  should is no promise.
- **Extism** has hosts in [many languages](https://extism.org/docs/concepts/host-sdk) and kits for authors
  [in many](https://extism.org/docs/concepts/pdk), and its SDK for JavaScript runs in
  [browsers, Node, Bun and Cloudflare's Workers](https://github.com/extism/js-sdk) as well. \`maxPages\`, which was
  given here, did not bound a guest's own memory.
- **Wasmtime** is a native runtime with [a compiler of its own](https://docs.wasmtime.dev), two ways to
  [interrupt a guest](https://docs.wasmtime.dev/examples-interrupting-wasm.html), components and WASI preview 2, which
  Aegis does not have, [a process for security](https://docs.wasmtime.dev/security.html) and hosts in
  [other languages](https://docs.wasmtime.dev/lang.html). It is what to take where a native library can be linked.

What Aegis has beside that, [computations that are saved](snapshots.md) and go on elsewhere, and [logs](audit.md) that
show when they were altered, was asked of nobody here.
`;
}

/** Between these lines the README's table stands. */
export const BEGIN = '<!-- answers: written by "deno task bench:comparison" -->',
  END = "<!-- end of answers -->";

/** Questions of which the README has no row: the table is short there. */
const LEFT_OUT: readonly QuestionName[] = ["next", "recursion", "parent"];

/** The README with the table of those that it shows. @throws {Error} when the place is not there once */
export function withTable(readme: string, comparison: Pick<Comparison, "compared">): string {
  const [before, rest, ...more] = readme.split(BEGIN), [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`Cannot find the place of the answers in the README: "${BEGIN}" to "${END}"`);
  }
  const table = renderTable(
    comparison.compared.filter(({ inReadme }) => inReadme),
    QUESTIONS.filter(({ name }) => !LEFT_OUT.includes(name)),
  );
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}

const ROOT = new URL("../../", import.meta.url);

/** Writes the result, the page and the README's table, formatted as the rest of the tree is. */
export async function writePages(comparison: Comparison): Promise<void> {
  const readme = new URL("README.md", ROOT);
  await Deno.writeTextFile(new URL(COMPARISON_FILE, ROOT), `${JSON.stringify(comparison, undefined, 2)}\n`);
  await Deno.writeTextFile(new URL(COMPARISON_PAGE, ROOT), renderPage(comparison));
  await Deno.writeTextFile(readme, withTable(await Deno.readTextFile(readme), comparison));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", COMPARISON_FILE, COMPARISON_PAGE, "README.md"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error("Cannot format the pages");
}
