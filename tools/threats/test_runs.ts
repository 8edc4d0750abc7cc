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

/** Where reports are kept, and found again: a run that was stopped goes on. */
export interface ReportFolder {
  readonly path: string;
}

async function readKept(path: string): Promise<Map<string, TestResult> | undefined> {
  try {
    return readReport(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** How the tests of a file end on an engine; what fails runs again, a few times. */
export async function runFile(
  file: string,
  { engine, reports }: { readonly engine: Engine; readonly reports: ReportFolder },
): Promise<Map<string, TestResult>> {
  const report = `${reports.path}/${file.replaceAll("/", ".")}.${engine}.xml`;
  const kept = await readKept(report);
  if (kept !== undefined) return kept;
  for (let times = 1;; times++) {
    const args = ["test", "-A", "--no-prompt", "--no-check", "--frozen", "--lock=tests/deno.lock"];
    if (engine === "interpreter") args.push("--preload", "tests/on_interpreter.ts");
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [...args, `--junit-path=${report}.part`, "--reporter=dot", file],
      cwd: ROOT,
      stdin: "null",
      stdout: times < MOST_TIMES ? "null" : "inherit",
      stderr: "null",
    }).output();
    const results = await readKept(`${report}.part`);
    const failed = results === undefined || code !== 0;
    if (failed && times < MOST_TIMES) continue;
    if (failed) throw new Error(`Cannot write of tests that fail: ${file} on ${engine}, ${MOST_TIMES} times`);
    await Deno.rename(`${report}.part`, report);
    return results;
  }
}
