/**
 * Runs all tests: first those that may run beside others, in one process, then each file that looks at its whole process in
 * a process of its own, as many at a time as there are processors; what failed runs again by itself, on a calm machine. Says
 * how many lines the tests of parts run, which fails below what `coverage.ts` asks for. Ends with one line of totals, in the
 * form of `deno test`, that sums up what the processes say.
 *
 *     deno run -A tools/run_tests.ts [--long]
 */
import { waitForCalm } from "./calm_machine.ts";
import { findShortfalls, formatCoverage, readCoverage, testsPart } from "./coverage.ts";
import { splitTests } from "./split_tests.ts";

const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tools$/, "");

/** Versions and hashes of all packages; those of the product alone stand in `deno.lock`. */
export const TESTS_LOCK = "--lock=tests/deno.lock";

/** Types are checked once, for all files together. */
const TEST = ["test", "-A", "--no-prompt", "--no-check", "--frozen", TESTS_LOCK] as const;

/** Milliseconds that the output of a process may take to arrive after its end. */
const LINGER = 5000;

/** What `deno test` counts. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

const COUNTED = ["passed", "failed", "ignored"] as const;

/** How a process with tests ended. */
export interface Ended {
  readonly success: boolean;
  readonly totals: Totals | undefined;
  /** Names of the tests that failed, by the file's path in this repository. */
  readonly failures: ReadonlyMap<string, readonly string[]>;
}

/** More files than this do not fail because the machine was busy. */
const MOST_REPEATED = 12;

/** How often a file runs again; milliseconds that each time waits for a calm machine at most. */
const MOST_AGAIN = 4, PATIENCE = 120_000;

/** Milliseconds after which what failed runs again once and does not wait. */
const PATIENCE_IN_ALL = 1_500_000;

// deno-lint-ignore no-control-regex -- the colours of a terminal
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Reads the last line such as `ok | 12 passed (3 steps) | 0 failed | 1 ignored (1s)`; undefined where there is none. */
export function readTotals(output: string): Totals | undefined {
  const lines = output.replace(COLOURS, "").split("\n");
  const line = lines.findLast((text) => /^(ok|FAILED) \| \d+ passed/.test(text));
  if (line === undefined) return undefined;
  const count = (name: string) => Number(new RegExp(`\\| (\\d+) ${name}\\b`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}

/** Reads the lines such as `name of a test => ./tests/some_test.ts:3:6` below the last heading `FAILURES`. */
export function readFailures(output: string): Map<string, string[]> {
  const failures = new Map<string, string[]>(), lines = output.replace(COLOURS, "").split("\n");
  const heading = lines.findLastIndex((line) => line.trim() === "FAILURES");
  if (heading < 0) return failures;
  for (const line of lines.slice(heading + 1)) {
    if (/^(ok|FAILED) \| /.test(line)) break;
    const [, name, file] = /^(.*) => \.\/(\S+):\d+:\d+$/.exec(line) ?? [];
    if (name !== undefined && file !== undefined) failures.set(file, [...failures.get(file) ?? [], name]);
  }
  return failures;
}

/** The same failures as those of the one file that was run: a test that a helper makes is told to stand in the helper. */
export function ofFile(ended: Ended, file: string): Ended {
  const names = [...ended.failures.values()].flat();
  return { ...ended, failures: new Map(names.length === 0 ? [] : [[file, names]]) };
}

/** What `ended` comes to when its failed tests of one file, run again by themselves, end as `again` says. */
export function replaceFailures(ended: Ended, file: string, again: Ended): Ended {
  const before = ended.failures.get(file)?.length ?? 0,
    { failed } = sumTotals([again]),
    left = Math.min(failed, before);
  if (ended.totals === undefined || again.totals === undefined) return ended;
  if (again.totals.passed + again.totals.failed < before) return ended; // what failed was not run
  const totals = {
    ...ended.totals,
    passed: ended.totals.passed + before - left,
    failed: ended.totals.failed - before + failed,
  };
  const failures = new Map(ended.failures);
  failures.delete(file);
  const still = again.failures.get(file);
  if (still !== undefined) failures.set(file, still);
  return { success: totals.failed === 0, totals, failures };
}

/** The sum; a process that failed without a failed test, or without totals, counts as one failure more. */
export function sumTotals(ended: readonly Pick<Ended, "success" | "totals">[]): Totals {
  const sum = { passed: 0, failed: 0, ignored: 0 };
  for (const { success, totals } of ended) {
    for (const name of COUNTED) sum[name] += totals?.[name] ?? 0;
    if (totals === undefined || !success && totals.failed === 0) sum.failed++;
  }
  return sum;
}

/** The line that {@linkcode readTotals} reads. */
export function formatTotals({ passed, failed, ignored }: Totals, seconds: number): string {
  const parts = [failed === 0 ? "ok" : "FAILED", `${passed} passed`, `${failed} failed`];
  if (ignored > 0) parts.push(`${ignored} ignored`);
  return `${parts.join(" | ")} (${seconds.toFixed()}s)`;
}

/** Runs tests in a process; `show` gets its output as it comes. */
async function testFiles(
  args: readonly string[],
  { signal, show }: { readonly signal: AbortSignal; readonly show: (bytes: Uint8Array) => Promise<void> },
): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...TEST, ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const decoder = new TextDecoder();
  let said = "";
  const read = async (stream: ReadableStream<Uint8Array>, keep: boolean) => {
    for await (const bytes of stream) {
      if (keep) said += decoder.decode(bytes, { stream: true });
      await show(bytes);
    }
  };
  const reading = Promise.all([read(child.stdout, true), read(child.stderr, false)]);
  const { success } = await child.status;
  // What a test left running may hold the streams open.
  await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, LINGER))]);
  return { success, totals: readTotals(said), failures: readFailures(said) };
}

/** From the repository's root, as `deno test` names files. */
function pathOf(file: string): string {
  return file.startsWith(`${ROOT}/`) ? file.slice(ROOT.length + 1) : file;
}

/** Runs each file in a process of its own, several at a time, and shows what each says once it has ended. */
async function testEach(files: readonly string[], signal: AbortSignal): Promise<Ended[]> {
  const waiting = [...files], ended: Ended[] = [];
  const lane = async () => {
    for (let file = waiting.shift(); file !== undefined && !signal.aborted; file = waiting.shift()) {
      const output: Uint8Array[] = [];
      const show = (bytes: Uint8Array) => Promise.resolve(void output.push(bytes));
      ended.push(ofFile(await testFiles([file], { signal, show }), pathOf(file)));
      for (const bytes of output) await writeAll(bytes);
    }
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, lane));
  return ended;
}

/**
 * Runs again, each by itself, the files in which tests failed. Some measure how soon something happens, which a neighbour on
 * a busy machine delays; what a file does when it is alone counts, and it is alone when nobody else takes the processors.
 */
async function testAgain(ended: readonly Ended[], signal: AbortSignal): Promise<Ended[]> {
  const failed = new Set(ended.flatMap(({ failures }) => [...failures.keys()]));
  if (failed.size > MOST_REPEATED) return [...ended];
  let all = [...ended];
  const end = performance.now() + PATIENCE_IN_ALL;
  for (const file of failed) {
    for (let times = 1; times <= MOST_AGAIN && !signal.aborted; times++) {
      const patience = Math.min(PATIENCE, end - performance.now());
      const machine = await waitForCalm({ patience, signal }) ? "a calm machine" : "a busy machine";
      console.log(`\n${file} failed; by itself, time ${times} of at most ${MOST_AGAIN}, on ${machine}:`);
      const again = ofFile(await testFiles([file], { signal, show: writeAll }), file);
      if (again.success || times === MOST_AGAIN || performance.now() > end) {
        all = all.map((one) => one.failures.has(file) ? replaceFailures(one, file, again) : one);
        break;
      }
    }
  }
  return all;
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await Deno.stdout.write(bytes.subarray(written));
  }
}

/** Which tests are run. */
export type TestChoice = "all" | "quick" | "long";

/** Runs files beside each other in one process. @param options of `deno test` */
async function testBeside(
  files: readonly string[],
  signal: AbortSignal,
  ...options: string[]
): Promise<Ended> {
  return await testFiles(["--parallel", ...options, ...files], { signal, show: writeAll });
}

/** Says how many lines of each part were run. @returns whether they are enough */
async function checkCoverage(folder: string): Promise<boolean> {
  const parts = await readCoverage(folder, ROOT), shortfalls = findShortfalls(parts);
  console.log(`\n${formatCoverage(parts, shortfalls)}`);
  return shortfalls.length === 0;
}

/**
 * Runs the tests: all, those that are in every gate, or what these leave out but pages.
 * @returns whether all of them passed, and run as many lines as they must
 */
export async function runTests(signal: AbortSignal, choice: TestChoice): Promise<boolean> {
  const profile = await Deno.makeTempDir({ prefix: "aegis_coverage_" });
  try {
    return await runChosen(signal, choice, profile);
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
}

async function runChosen(signal: AbortSignal, choice: TestChoice, profile: string): Promise<boolean> {
  const started = performance.now(), { together, alone, long, pages } = await splitTests(`${ROOT}/tests`);
  // What takes minutes is not recorded: it would be slower still, and the same lines count whatever is chosen.
  const recorded = together.filter(testsPart), others = together.filter((file) => !testsPart(file));
  const chosen = {
    all: { recorded, beside: [...others, ...long.together], each: [...alone, ...long.alone, ...pages] },
    quick: { recorded, beside: others, each: alone },
    long: { recorded: [], beside: long.together, each: long.alone },
  }[choice];
  const ended: Ended[] = [];
  if (chosen.recorded.length > 0) {
    const options = [`--coverage=${profile}`, "--coverage-raw-data-only"];
    ended.push(await testBeside(chosen.recorded, signal, ...options));
  }
  ended.push(await testBeside(chosen.beside, signal));
  ended.push(...await testEach(chosen.each, signal));
  const last = await testAgain(ended, signal), totals = sumTotals(last);
  for (const [file, names] of last.flatMap(({ failures }) => [...failures])) {
    for (const name of names) console.log(`error: ${file}: it failed to the last: ${name}`);
  }
  const covered = chosen.recorded.length === 0 || signal.aborted || await checkCoverage(profile);
  console.log(`\n${formatTotals(totals, (performance.now() - started) / 1000)}`);
  return totals.failed === 0 && covered && !signal.aborted;
}

if (import.meta.main) {
  const choice = Deno.args.includes("--long") ? "long" : "all";
  Deno.exit(await runTests(new AbortController().signal, choice) ? 0 : 1);
}
