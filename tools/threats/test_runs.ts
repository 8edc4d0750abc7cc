/** Runs test files on one engine after the other, and tells how each test ended, from what `deno test` writes for machines. */

const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tools[\\/]threats$/, "");

/** How often a file runs at most: some tests measure how soon something happens, and a busy machine delays it. */
const MOST_TIMES = 4;

export const ENGINES = ["v8", "interpreter"] as const;

export type Engine = typeof ENGINES[number];

export type TestResult = "passed" | "failed" | "ignored";

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Undoes what XML does to text. */
function fromXml(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (whole, decimal, hex, name) =>
      name !== undefined
        ? ENTITIES[name] ?? whole
        : String.fromCodePoint(decimal === undefined ? parseInt(hex, 16) : Number(decimal)),
  );
}

/** Reads a report in the form of JUnit: how each test of a file ended, by name. Steps are parts of their tests. */
export function readReport(xml: string): Map<string, TestResult> {
  const results = new Map<string, TestResult>();
  for (const [, head = "", body = ""] of xml.matchAll(/<testcase ([^>]*)>([\s\S]*?)<\/testcase>/g)) {
    const name = /name="([^"]*)"/.exec(head)?.[1] ?? "";
    const result = body.includes("<skipped")
      ? "ignored"
      : /<(failure|error)/.test(body)
      ? "failed"
      : "passed";
    results.set(fromXml(name), result);
  }
  return results;
}

/** Where results are kept, and found again: a run that was stopped goes on. */
export interface ReportFolder {
  readonly path: string;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** One run of a file, or of those of its tests that have one of these names. */
async function runOnce(
  file: string,
  { engine, names, report }: {
    readonly engine: Engine;
    readonly names: readonly string[];
    readonly report: string;
  },
): Promise<Map<string, TestResult>> {
  const args = ["test", "-A", "--no-prompt", "--no-check", "--frozen", "--lock=tests/deno.lock"];
  if (engine === "interpreter") args.push("--preload", "tests/on_interpreter.ts");
  const exact = names.map((name) => name.replace(/[^\w ]/g, "\\$&")).join("|");
  if (names.length > 0) args.push(`--filter=/^(${exact})$/`);
  await new Deno.Command(Deno.execPath(), {
    args: [...args, `--junit-path=${report}`, "--reporter=dot", file],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  const text = await readIfThere(report);
  await Deno.remove(report).catch(() => {}); // of one that did not get that far there is none
  return readReport(text ?? "");
}

/** How the tests of a file end on an engine; what fails runs again, a few times. */
export async function runFile(
  file: string,
  { engine, reports }: { readonly engine: Engine; readonly reports: ReportFolder },
): Promise<Map<string, TestResult>> {
  const kept = `${reports.path}/${file.replaceAll("/", ".")}.${engine}.json`, found = await readIfThere(kept);
  if (found !== undefined) return new Map(JSON.parse(found) as [string, TestResult][]); // as written below
  const results = new Map<string, TestResult>();
  const failed = () => [...results].filter(([, result]) => result === "failed").map(([name]) => name);
  for (let times = 1; times <= MOST_TIMES && (results.size === 0 || failed().length > 0); times++) {
    const ended = await runOnce(file, { engine, names: failed(), report: `${kept}.xml` });
    for (const [name, result] of ended) results.set(name, result);
  }
  if (results.size === 0 || failed().length > 0) {
    throw new Error(
      `Cannot write of tests that fail ${MOST_TIMES} times: ${file} on ${engine}: ${failed().join("; ")}`,
    );
  }
  await Deno.writeTextFile(kept, JSON.stringify([...results]));
  return results;
}
