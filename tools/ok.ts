/**
 * `deno task ok`: the one gate. Runs every check, the cheap ones first, and stops at the first that fails.
 * `--skip=<step>` leaves a step out.
 */
import { runTests, TESTS_LOCK } from "./run_tests.ts";
import { findTracesBelow } from "./traces.ts";

const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tools$/, "");

/** The whole gate ends within this time, a hanging test included. */
const DEADLINE_MINUTES = 10;

/** One check: what a person reads in its place, and how it is done. */
interface Step {
  readonly name: string;
  readonly doc: string;
  /** @returns whether it passed */
  readonly run: (signal: AbortSignal) => Promise<boolean>;
}

/** Runs this very Deno, whether or not there is one on the path, with its output passed on. */
function deno(...args: string[]): Step["run"] {
  return async (signal) => {
    const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null", signal }).spawn();
    return (await child.status).success;
  };
}

async function leavesNoTrace(): Promise<boolean> {
  const traces = await findTracesBelow(ROOT, [ROOT, Deno.env.get("HOME") ?? ""]);
  for (const { path, line, what } of traces) console.error(`${path}:${line}: names ${what}`);
  return traces.length === 0;
}

/** Layers, README code and examples are tests among the others. */
const STEPS: readonly Step[] = [
  { name: "fmt", doc: "the files are formatted", run: deno("fmt", "--check") },
  { name: "lint", doc: "the linter finds nothing", run: deno("lint") },
  {
    name: "lock",
    doc: "deno.lock names the product's packages and no others",
    run: deno("run", "-A", "tools/lock.ts", "--check"),
  },
  { name: "check", doc: "the types are right", run: deno("check", "--frozen", TESTS_LOCK) },
  {
    name: "doc",
    doc: "every public symbol is documented",
    run: deno("doc", "--lint", "mod.ts", "tasks.ts", "wrappers.ts", "mcp.ts"),
  },
  { name: "traces", doc: "no file names a machine's path or a registry's host", run: leavesNoTrace },
  {
    name: "gen",
    doc: "the generated files are fresh",
    run: deno("run", "-A", "--frozen", TESTS_LOCK, "tools/gen.ts", "--check"),
  },
  // Those of pages need a browser and minutes: they are a task of their own.
  { name: "test", doc: "the tests pass", run: (signal) => runTests(signal, "quick") },
];

function readSkipped(args: readonly string[]): Set<string> {
  const skipped = new Set<string>();
  for (const arg of args) {
    const name = /^--skip=(.*)$/.exec(arg)?.[1];
    if (name === undefined || !STEPS.some((step) => step.name === name)) {
      console.error(
        `Cannot read "${arg}": use --skip= and one of ${STEPS.map((step) => step.name).join(", ")}`,
      );
      Deno.exit(2);
    }
    skipped.add(name);
  }
  return skipped;
}

async function main(args: readonly string[]): Promise<number> {
  const skipped = readSkipped(args);
  const started = performance.now();
  const signal = AbortSignal.timeout(DEADLINE_MINUTES * 60_000);
  const steps = STEPS.filter((step) => !skipped.has(step.name));
  for (const step of steps) {
    console.error(`\n== ${step.name}: ${step.doc}`);
    const passed = await step.run(signal);
    if (passed && !signal.aborted) continue;
    const why = signal.aborted ? `was stopped after ${DEADLINE_MINUTES} minutes in all` : "failed";
    console.error(`\nok: step "${step.name}" ${why}; the steps after it did not run`);
    return 1;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`\nok: all ${steps.length} steps passed in ${seconds}s`);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
