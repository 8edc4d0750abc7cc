/** Runs tests in a copy of the sources, with all defences or without one. */
import { TESTS_LOCK } from "../../tools/run_tests.ts";
import { type Ended, runBounded } from "./bounded_run.ts";
import { type Defence } from "./defence.ts";
import { readTestRun, type SeenTest, type TestRun } from "./test_output.ts";
import type { TreeCopy } from "./tree_copy.ts";

const TEST = ["test", "-A", "--no-prompt", "--no-check", "--frozen", TESTS_LOCK] as const;

/** Seconds that the tests of a row, and of a file, may take: a busy machine needs several times what a calm one does. */
const MOST_SECONDS = 120, MOST_SECONDS_WITH_ALL = 400;

/** What came of a row: whether its absence was noticed. */
export interface Verdict {
  readonly verdict: "caught" | "missed" | "broken";
  /** Tests that failed, but for those that fail with all defences, too. */
  readonly failed: readonly SeenTest[];
  /** Why it proves nothing. */
  readonly why: string;
  readonly seconds: number;
}

/** Tests of files with all defences, by file; those that failed prove nothing. */
export interface Baseline {
  readonly passed: readonly SeenTest[];
  readonly failed: readonly SeenTest[];
}

async function runTests(
  copy: TreeCopy,
  { tests, only = [], seconds, burns = false }: Pick<Defence, "tests" | "only" | "burns"> & {
    readonly seconds: number;
  },
): Promise<{ ended: Ended; run: TestRun }> {
  const temporary = `${copy.folder}/tmp`;
  await Deno.mkdir(temporary, { recursive: true });
  try {
    const pieces = only.map((piece) => piece.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
    const filter = pieces.length > 0 ? [`--filter=/${pieces.join("|")}/`] : [];
    const ended = await runBounded([Deno.execPath(), ...TEST, ...filter, ...tests], {
      writable: [copy.folder, await denoFolder()],
      cwd: copy.root,
      env: { NO_COLOR: "1", TMPDIR: temporary },
      seconds,
      gently: burns,
    });
    return { ended, run: readTestRun(ended.stdout) };
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** Where Deno keeps what it has compiled. */
async function denoFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** What a file's tests come to with all defences; what fails is tried twice, on a busy machine. */
export async function tryAll(copy: TreeCopy, file: string): Promise<Baseline> {
  const first = (await runTests(copy, { tests: [file], seconds: MOST_SECONDS_WITH_ALL })).run;
  if (first.failed.length === 0 && first.whole) return first;
  const { run } = await runTests(copy, { tests: [file], seconds: MOST_SECONDS_WITH_ALL });
  const again = (test: SeenTest) => run.passed.some(({ name }) => name === test.name);
  return {
    passed: [...first.passed, ...first.failed.filter(again)],
    failed: first.failed.filter((test) => !again(test)),
  };
}

/** Takes a defence away and looks which tests fail. @param passing tests that pass with it; undefined for all */
export async function tryWithout(
  copy: TreeCopy,
  defence: Defence,
  passing: readonly SeenTest[] | undefined,
): Promise<Verdict> {
  const { seconds = MOST_SECONDS, ends } = defence;
  const { ended, run } = await copy.without(defence, () => runTests(copy, { ...defence, seconds }));
  const { stop, why } = howItEnded(ended, run);
  const open = stop !== undefined && stop === ends && run.open !== undefined ? [run.open] : [];
  const failed = [...run.failed, ...open].filter(({ file, name }) =>
    passing === undefined || passing.some((test) => test.file === file && test.name === name)
  );
  const took = { failed, seconds: ended.seconds };
  if (stop !== undefined && stop !== ends && failed.length === 0) return { ...took, verdict: "broken", why };
  if (failed.length > 0) return { ...took, verdict: "caught", why };
  if (run.uncaught !== undefined || run.passed.length === 0) {
    return { ...took, verdict: "broken", why: run.uncaught ?? `no test ran: ${ended.stderr.slice(-600)}` };
  }
  return { ...took, verdict: "missed", why: "all tests pass without it" };
}

/** Whether a run was cut short, and by what; a run with totals was not. */
function howItEnded(
  { reason, stderr }: Ended,
  { whole, open }: TestRun,
): { stop: Defence["ends"]; why: string } {
  const at = open === undefined ? "" : ` in "${open.name}"`;
  if (reason === "time") return { stop: "hang", why: `it took too long${at}` };
  if (reason === "memory") return { stop: "crash", why: `it took too much memory${at}` };
  if (!whole && open !== undefined) {
    return { stop: "crash", why: `the process ended${at}: ${stderr.slice(-300)}` };
  }
  return { stop: undefined, why: "" };
}
