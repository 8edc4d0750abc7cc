/**
 * `deno task threats`: runs the tests whose names begin with the label of an attack, such as "A5", on both engines, and
 * writes docs/threats.md, where each attack stands with the tests that answer it.
 *
 *     deno run -A tools/threats.ts [--reports=FOLDER]
 *
 * With a folder, reports of files that stand there already are taken as they are, so that a run that was stopped goes on.
 */
import { formatMarkdown } from "./format_markdown.ts";
import { type RanTest, writeDocument } from "./threats/document.ts";
import { labelsOf } from "./threats/lines.ts";
import { listTests, type NamedTest } from "./threats/list_tests.ts";
import { placeOf } from "./threats/places.ts";
import { ENGINES, type ReportFolder, runFile } from "./threats/test_runs.ts";

const ROOT = new URL("../", import.meta.url);

export const DOCUMENT = new URL("docs/threats.md", ROOT);

async function* testFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* testFiles(path);
    else if (entry.name.endsWith("_test.ts")) yield path;
  }
}

/** Tests of tools, which have labels as examples, and would be loaded by themselves. */
const NOT_MEANT = "tests/tools/";

/** All tests with a label, by file and as they stand there. Files without anything like a label are not loaded. */
export async function labelledTests(): Promise<NamedTest[]> {
  const files: string[] = [];
  for await (const file of testFiles("tests")) {
    if (file.startsWith(NOT_MEANT)) continue;
    if (labelsOf(await Deno.readTextFile(new URL(file, ROOT))).length > 0) files.push(file);
  }
  return (await listTests(files.sort())).filter(({ name }) => labelsOf(name).length > 0);
}

/** Runs the files of the tests, and gives each test its results. */
async function run(tests: readonly NamedTest[], reports: ReportFolder): Promise<RanTest[]> {
  const ran: RanTest[] = [], files = [...new Set(tests.map(({ file }) => file))];
  for (const [index, file] of files.entries()) {
    const own = tests.filter((test) => test.file === file), names = own.map(({ name }) => name);
    const results: Partial<Record<string, ReadonlyMap<string, RanTest["results"]["v8"]>>> = {};
    for (const engine of placeOf(file).twice ? ENGINES : ENGINES.slice(0, 1)) {
      console.error(`${index + 1}/${files.length} ${file} on ${engine}`);
      results[engine] = await runFile(file, { engine, names, reports });
    }
    for (const test of own) {
      const ends = Object.entries(results).flatMap(([engine, byName]) => {
        const result = byName?.get(test.name);
        return result === undefined ? [] : [[engine, result] as const];
      });
      ran.push({ ...test, results: Object.fromEntries(ends) });
    }
  }
  return ran;
}

async function main(args: readonly string[]): Promise<void> {
  const path = /^--reports=(.+)$/.exec(args[0] ?? "")?.[1] ??
    await Deno.makeTempDir({ prefix: "aegis_threats_" });
  await Deno.mkdir(path, { recursive: true });
  const tests = await run(await labelledTests(), { path });
  await Deno.writeTextFile(DOCUMENT, await formatMarkdown(writeDocument(tests, { deno: Deno.version.deno })));
}

if (import.meta.main) await main(Deno.args);
