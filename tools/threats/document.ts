/** docs/threats.md: what is tried, by line, and the tests that answer it. */
import { CLASSES, labelsOf, LINES, type ThreatLine } from "./lines.ts";
import type { NamedTest } from "./list_tests.ts";
import { NOTES } from "./notes.ts";
import { type Interface, placeOf } from "./places.ts";
import type { Engine, TestResult } from "./test_runs.ts";

/** A test that ran; on an engine that it did not run on, it has no result. */
export interface RanTest extends NamedTest {
  readonly results: Readonly<Partial<Record<Engine, TestResult>>>;
}

const OPENING = `# Attacks, and the tests that answer them

Written by \`deno task threats\`: it runs every test whose name begins with the label of a line below, on each
engine where that makes a difference, and writes how it ended. A test of the gate holds that the list at the
end is the one in the sources and that no line stands without a test.

"Through" says how a test gets at what it attacks: the library (\`mod.ts\` and what stands beside it), the
command in processes of its own, or the server over HTTP; "parts" are tests of a part of ours by itself, such as
the reader of modules. Under "engines" stand those that the guests of these tests ran on; a part that works
before either engine does has none. Under "back ends" stands what kept them: a Worker or a process.
`;

const INTERFACES: readonly Interface[] = ["library", "command", "server", "parts"];

/** What a name says of where its test runs, as in "on v8 in a process, C27 …". */
function conditions(
  name: string,
): { readonly engine?: Engine; readonly backEnd?: string; readonly rest: string } {
  const [all = "", engine, backEnd] = /^(?:on (v8|interpreter) )?(?:in a (worker|process))?,? ?/.exec(name) ??
    [];
  const rest = name.slice(all.length);
  return {
    rest,
    ...(engine === undefined ? {} : { engine: engine as Engine }), // the expression has no others
    ...(backEnd === undefined ? {} : { backEnd }),
  };
}

const unique = (values: readonly string[]) => [...new Set(values)];

const ORDER = ["v8", "interpreter", "worker", "process", ...INTERFACES];

const listed = (values: readonly string[]) =>
  unique(values).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)).join(", ");

/** How tests ended, in a few words: those that did not pass are counted. */
function resultsOf(tests: readonly RanTest[]): string {
  const ends = tests.flatMap(({ results }): string[] => {
    const own = Object.values(results);
    return own.length === 0 ? ["not run"] : own;
  });
  if (ends.includes("failed")) return "**failed**";
  const parts = ends.includes("passed") ? ["passed"] : [];
  for (const [end, words] of [["ignored", "ignored here"], ["not run", "not run"]] as const) {
    const count = ends.filter((one) => one === end).length;
    if (count > 0) parts.push(`${count} ${words}`);
  }
  return parts.join(", ");
}

/** The files with how many of the tests stand in each, as links. */
function linksTo(tests: readonly RanTest[]): string {
  const counts = new Map<string, number>();
  for (const { file } of tests) counts.set(file, (counts.get(file) ?? 0) + 1);
  return [...counts].map(([file, count]) =>
    `[${file.replace(/^tests\/(adversarial\/)?|_test\.ts$/g, "")}](../${file}) ${count}`
  ).join(", ");
}

function enginesOf(test: RanTest): string[] {
  const { engine } = conditions(test.name), { through, twice, engines } = placeOf(test.file);
  if (engine !== undefined) return [engine];
  if (engines !== undefined) return [...engines];
  if (twice) return Object.keys(test.results);
  return through.includes("parts") ? [] : ["v8"];
}

function backEndsOf(test: RanTest): string[] {
  const { backEnd } = conditions(test.name), { through, backEnd: ofFile = "worker" } = placeOf(test.file);
  if (backEnd !== undefined) return [backEnd];
  return through.includes("parts") ? [] : [ofFile];
}

function row({ label, tried }: ThreatLine, tests: readonly RanTest[]): string {
  const own = tests.filter(({ name }) => labelsOf(name).includes(label)), note = NOTES[label];
  const cells = [
    label,
    tried + (note === undefined ? "" : `. *${note}*`),
    own.length === 0 ? "–" : linksTo(own),
    listed(own.flatMap(({ file }) => placeOf(file).through)),
    listed(own.flatMap(enginesOf)),
    listed(own.flatMap(backEndsOf)),
    resultsOf(own),
  ];
  return `| ${cells.map((cell) => cell === "" ? "–" : cell).join(" | ")} |`;
}

/** The lines of the list: tests that differ by engine and back end alone stand there once. */
export function listLines(tests: readonly NamedTest[]): string[] {
  const lines: string[] = [];
  for (const file of unique(tests.map(({ file }) => file)).sort()) {
    lines.push(`### ${file}`);
    const names = tests.filter((test) => test.file === file).map(({ name }) => conditions(name).rest);
    lines.push(...unique(names).map((name) => `- ${escaped(name)}`));
  }
  return lines;
}

/** A name as text of Markdown that means nothing but itself. */
function escaped(name: string): string {
  return name.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>|#~]/g, "\\$&");
}

/** The list as it stands in a document: what breaks and indents its lines is of no account. */
export function readList(document: string): string[] {
  const [, list = ""] = document.split("\n## The tests\n");
  return list.replace(/\n +/g, " ").split("\n").filter((line) => /^(- |### )/.test(line));
}

/** The whole document, as it is before it is formatted. */
export function writeDocument(tests: readonly RanTest[], { deno }: { readonly deno: string }): string {
  const parts = [OPENING];
  for (const { letter, title } of CLASSES) {
    const lines = LINES.filter(({ label }) => label.startsWith(letter));
    parts.push(
      `## ${letter}. ${title}\n`,
      "| line | what is tried | tests | through | engines | back ends | result |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      ...lines.map((line) => row(line, tests)),
      "",
    );
  }
  parts.push(
    "## The tests\n",
    `${tests.length} tests, with Deno ${deno} on Linux, x86-64. What is ignored there says why in its file.\n`,
  );
  for (const line of listLines(tests)) parts.push(line.startsWith("###") ? `\n${line}\n` : line);
  return parts.join("\n") + "\n";
}
