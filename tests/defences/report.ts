/** Writes docs/defences.md: from the rows and from what was seen of them, so that the same rows give the same text. */
import { CONTROLS } from "./controls.ts";
import { type Defence, digestOf, editsOf } from "./defence.ts";
import { DEFENCES } from "./defences.ts";
import type { Names, Seen } from "./seen.ts";
import { labelsOf, LINES } from "../../tools/threats/lines.ts";
import type { NamedTest } from "../../tools/threats/list_tests.ts";

export const REPORT = "docs/defences.md";

/** A test that is named after a line. */
export interface LabelledTest extends NamedTest {
  readonly labels: readonly string[];
  /** The defences without which it fails. */
  readonly defences: readonly string[];
}

/** A test by its file, and by its name without labels: those may be added later. */
function keyOf({ file, name }: NamedTest): string {
  return `${file} ${name.replace(/(?<![\w-])[A-H][1-9][0-9]? (?=\S)/g, "")}`;
}

function testsIn(names: Names): NamedTest[] {
  return Object.entries(names).flatMap(([file, list]) => list.map((name) => ({ file, name })));
}

/** Whether a test stands for a defence: one that is named after other lines may have failed since the machine was busy. */
export function answers({ lines }: Pick<Defence, "lines">, { name }: Pick<NamedTest, "name">): boolean {
  const labels = labelsOf(name);
  return labels.length === 0 || labels.some((label) => lines.includes(label));
}

/** Tests that are named after a line, with the defences that they were seen failing without. */
export async function withDefences({ rows }: Seen, tests: readonly NamedTest[]): Promise<LabelledTest[]> {
  const failed = new Map<string, string[]>();
  for (const defence of Object.values(DEFENCES).flat()) {
    const row = rows[defence.id];
    if (row === undefined || row.digest !== await digestOf(defence)) continue;
    for (const test of testsIn(row.failed).filter((one) => answers(defence, one))) {
      failed.set(keyOf(test), [...failed.get(keyOf(test)) ?? [], defence.id]);
    }
  }
  return tests.map((test) => ({
    ...test,
    labels: labelsOf(test.name),
    defences: failed.get(keyOf(test)) ?? [],
  }));
}

/** Why a test is not expected to fail; undefined where it is. */
export function reasonOfControl({ file, name }: Pick<LabelledTest, "file" | "name">): string | undefined {
  return CONTROLS.find((control) => control.file === file && name.includes(control.name))?.reason;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

/** `A1 (4), A3`: the lines of tests, with how many there are of each, then how many have none. */
function countsOf(names: readonly string[]): string {
  const counts = new Map<string, number>();
  let others = 0;
  for (const name of names) {
    const labels = labelsOf(name);
    if (labels.length === 0) others++;
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const byNumber = [...counts].sort(([one], [other]) => Number(one.slice(1)) - Number(other.slice(1)));
  const parts = byNumber.map(([label, count]) => count === 1 ? label : `${label} (${count})`);
  return [...parts, ...others > 0 ? [`${others} without a line`] : []].join(", ");
}

/** The row of a table that tells of a defence. */
export function rowOf(defence: Defence, { rows }: Seen): string {
  const sources = [...new Set(editsOf(defence).map(({ file }) => file))];
  const links = sources.map((file) => `[${file.slice(4)}](../${file})`).join(", ");
  const failed = countsOf(
    Object.values(rows[defence.id]?.failed ?? {}).flat().filter((name) => answers(defence, { name })),
  );
  return `| \`${defence.id}\` | ${cell(defence.what)} | ${defence.lines.join(", ")} | ${links} | ${failed} |`;
}

/** A line for each line of the threats: how many tests, how many of them were seen failing. */
function linesOf(tests: readonly LabelledTest[]): string[] {
  const rows: string[] = [];
  for (const { label } of LINES) {
    const own = tests.filter(({ labels }) => labels.includes(label));
    const claimed = Object.values(DEFENCES).flat().filter(({ lines }) => lines.includes(label));
    const proven = own.filter(({ defences }) => defences.length > 0).length;
    const controls = own.filter((test) => reasonOfControl(test) !== undefined).length;
    rows.push(`| ${label} | ${claimed.length} | ${own.length} | ${proven} | ${controls} |`);
  }
  return rows;
}

/** The document. @param labelled all tests that are named after a line */
export async function renderReport(seen: Seen, labelled: readonly NamedTest[]): Promise<string> {
  const tests = await withDefences(seen, labelled), all = Object.values(DEFENCES).flat();
  const proven = tests.filter(({ defences }) => defences.length > 0);
  const rest = tests.filter((test) => test.defences.length === 0 && reasonOfControl(test) === undefined);
  const controls = tests.filter((test) => test.defences.length === 0 && reasonOfControl(test) !== undefined);
  return `# Defences, switched off one at a time

<!-- Written by "deno task test:defences"; do not edit. -->

A test that cannot fail proves nothing. \`deno task test:defences\` copies this repository, takes one defence out
of the sources at a time, makes the programs of the Workers anew, and runs the tests that stand for it: at
least one has to fail. Where a second wall would stand in for the first, a row takes both away; where a defence
is the way something is built, a row builds it otherwise. What else a row changes is how soon a guest is given
up that nothing stops any more.

The lines, A1 to H63, are those that [threats.md](threats.md) and the names of tests have. A test counts for a
defence when it is named after one of its lines, or after none.

${all.length} defences, each seen missing by a test;
${tests.length} tests that are named after a line, ${proven.length} of them seen failing, ${controls.length}
controls, ${rest.length} not seen failing yet.

${
    Object.entries(DEFENCES).filter(([, rows]) => rows.length > 0).map(([name, rows]) =>
      `## ${name[0]?.toUpperCase()}${name.slice(1)}

| id | defence | lines | source | tests that fail without it |
| -- | ------- | ----- | ------ | -------------------------- |
${rows.map((row) => rowOf(row, seen)).join("\n")}
`
    ).join("\n")
  }
## Lines

| line | defences | tests | seen failing | controls |
| ---- | -------- | ----- | ------------ | -------- |
${linesOf(tests).join("\n")}

## Controls

Tests that show that honest use still works, or that stand for something that no line of ours keeps.

| test | file | reason |
| ---- | ---- | ------ |
${
    controls.map((test) =>
      `| ${cell(test.name)} | ${linkOf(test.file)} | ${cell(reasonOfControl(test) ?? "")} |`
    )
      .join("\n")
  }

## Not seen failing yet

${
    rest.length === 0
      ? "None."
      : `| test | file |\n| ---- | ---- |\n${
        rest.map(({ name, file }) => `| ${cell(name)} | ${linkOf(file)} |`).join("\n")
      }`
  }
`;
}

function linkOf(file: string): string {
  return `[${file.slice("tests/".length)}](../${file})`;
}
