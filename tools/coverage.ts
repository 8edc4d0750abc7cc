/**
 * How many lines of each part of the program, a folder of `src`, the tests of the parts run, and how many they must. What
 * runs in another process or comes from a generated file is not seen, and a file that no test loads is not counted.
 */

/**
 * Percent of a part's lines that these tests run at least: two or three below what was seen, since some lines wait for what
 * does not always come. Of `guest`, which runs in Workers from generated files, it is what tests call directly. The parts
 * that are missing take too long: a record is written for each file that a test file loads, and those of the command load
 * 57,000; those of sandboxes, tasks, wrappers and the interpreter compute for minutes.
 */
export const LEAST: Readonly<Record<string, number>> = {
  analysis: 96,
  audit: 88,
  broker: 96,
  comparison: 90,
  core: 94,
  dashboard: 90,
  graph: 93,
  guest: 72,
  inspection: 95,
  instrument: 94,
  listing: 95,
  manifest: 93,
  policy: 97,
  protocol: 83,
  relay: 93,
  server: 95,
  toolchain: 87,
  wasi: 90,
  wasm: 96,
};

/** Lines of code, and those of them that were run. */
export interface LineCount {
  readonly lines: number;
  readonly run: number;
}

/** A part that has less than it must. */
export interface Shortfall {
  readonly part: string;
  /** Percent. */
  readonly seen: number;
  readonly least: number;
}

/** Reads a report of the form that `deno coverage --lcov` writes: lines of each source file, by its path. */
export function readLcov(text: string): Map<string, LineCount> {
  const files = new Map<string, LineCount>();
  for (const record of text.split("end_of_record")) {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    const lines = /^LF:(\d+)$/m.exec(record)?.[1], run = /^LH:(\d+)$/m.exec(record)?.[1];
    if (path === undefined) continue;
    if (lines === undefined || run === undefined) throw new Error(`The report counts no lines of ${path}`);
    files.set(path, { lines: Number(lines), run: Number(run) });
  }
  return files;
}

/** Sums up the files of each folder of `src`. */
export function countParts(files: ReadonlyMap<string, LineCount>): Map<string, LineCount> {
  const parts = new Map<string, LineCount>();
  for (const [path, { lines, run }] of files) {
    const part = /.*\/src\/([^/]+)\//.exec(path)?.[1];
    if (part === undefined) continue;
    const before = parts.get(part) ?? { lines: 0, run: 0 };
    parts.set(part, { lines: before.lines + lines, run: before.run + run });
  }
  return parts;
}

/** @returns the parts of `least` that have less; one of which no line was seen has 0 percent */
export function findShortfalls(
  parts: ReadonlyMap<string, LineCount>,
  least: Readonly<Record<string, number>> = LEAST,
): Shortfall[] {
  return Object.entries(least).flatMap(([part, percent]) => {
    const { lines, run } = parts.get(part) ?? { lines: 0, run: 0 };
    const seen = lines === 0 ? 0 : run / lines * 100;
    return seen < percent ? [{ part, seen, least: percent }] : [];
  });
}

/** Files of these parts that hold time against a bound or against the size, which recording changes. */
const TIMED: readonly string[] = [
  "analysis/plan_time_test.ts",
  "inspection/scan_scale_test.ts",
  "wasm/validate_hostile_test.ts",
];

/** Whether a test file is among those of a part that are recorded. @param file path, with `tests` in it */
export function testsPart(file: string): boolean {
  const [, path, folder] = /.*\/tests\/(([^/]+)\/.*)/.exec(file) ?? [];
  return path !== undefined && folder !== undefined && Object.hasOwn(LEAST, folder) && !TIMED.includes(path);
}

/** Lines for a person: each part with its percentage, then what is missing. */
export function formatCoverage(
  parts: ReadonlyMap<string, LineCount>,
  shortfalls: readonly Shortfall[],
): string {
  const counted = Object.keys(LEAST).flatMap((part) => {
    const { lines = 0, run = 0 } = parts.get(part) ?? {};
    return lines === 0 ? [] : [`${part} ${(run / lines * 100).toFixed(1)}`];
  });
  const missing = shortfalls.map(({ part, seen, least }) =>
    `error: the tests of parts run ${seen.toFixed(1)} % of the lines of src/${part}, and must run ${least} %`
  );
  return [`Lines run by the tests of parts, in percent: ${counted.join(", ")}`, ...missing].join("\n");
}

/** Reads what `deno test --coverage` recorded. @param folder where it stands @throws where there is nothing to read */
export async function readCoverage(folder: string, root: string): Promise<Map<string, LineCount>> {
  const report = `${folder}/report.lcov`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "coverage",
      "--lcov",
      `--include=${root}/src/`,
      "--exclude=\\.gen\\.",
      `--output=${report}`,
      folder,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno coverage failed: ${new TextDecoder().decode(stderr)}`);
  return countParts(readLcov(await Deno.readTextFile(report)));
}
