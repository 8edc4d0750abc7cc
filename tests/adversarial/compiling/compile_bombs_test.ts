/**
 * E41: whatever a function is made of, it is refused, or it is compiled soon enough: its call ends soon after the
 * deadline, V8's background threads come to rest, and the process lives. Each fails when its term is taken from the
 * compile cost.
 */
import { assert, assertEquals } from "../../assert.ts";
import { BOMBS, MOST_MEMORY, type Report, TIMEOUT } from "./compile_bombs.ts";
import { HAS_PROC } from "../process_facts.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** V8 compiles a function at its first call in one go; the compile cost allows it 0.11 s, and this machine may be slower. */
const MOST_LATE = 300;

/** Milliseconds of 600, one second after the call, in which anything may still compute: it should all be at rest. */
const MOST_BACKGROUND = 100;

/** Milliseconds after which a process has to have reported: several times what it takes. */
const MOST_TIME = 30_000;

async function detonate(what: string): Promise<Report> {
  const run = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-prompt",
      `--config=${ROOT}deno.json`,
      `${ROOT}tests/adversarial/compiling/compile_bombs.ts`,
      what,
    ],
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(MOST_TIME),
  });
  const { code, stdout, stderr } = await run.output();
  const last = new TextDecoder().decode(stderr).split("\n").find((line) => line.includes("Fatal")) ?? "";
  assertEquals(code, 0, `the process ended with ${code}: ${last}`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Report; // what the program printed
}

/** From the first that is asked for, two at a time: each test awaits its own, so nobody waits for the sleep of another. */
const reports: Map<string, Promise<Report>> = new Map();

function reportOf(what: string): Promise<Report> {
  const all = Object.keys(BOMBS), names = all.slice(all.indexOf(what));
  for (const lane of reports.size === 0 ? [0, 1] : []) {
    let last: Promise<unknown> = Promise.resolve();
    for (let index = lane; index < names.length; index += 2) {
      const name = names[index] ?? "", report = last.then(() => detonate(name));
      last = report.catch(() => {});
      reports.set(name, report);
    }
  }
  return reports.get(what) ?? detonate(what);
}

/**
 * What V8 is done with soon. All others are refused, whatever became of them here: on a machine that is busy they may not
 * come to what V8 takes long over.
 */
const TAKEN: ReadonlySet<string> = new Set([
  "100,000 nested blocks",
  "60,000 nested ifs",
  "1,200 locals that change in 1,000 nested loops",
]);

/** Milliseconds that loading may take. */
const MOST_LOAD = 2000;

/** Milliseconds for which a process was kept waiting that say that its times are not its own. */
const DELAYED = 50;

/** As {@linkcode reportOf}; what was too slow while its process was kept waiting is tried again, by itself, up to three times. */
async function undelayedReportOf(what: string): Promise<Report> {
  let report = await reportOf(what);
  for (let again = 0; again < 3 && report.delay >= DELAYED; again++) {
    const { end, load, late, background } = report;
    if ((end === "ModuleRefused") === TAKEN.has(what)) break;
    if (load < MOST_LOAD && late < MOST_LATE && background < MOST_BACKGROUND) break;
    report = await detonate(what);
  }
  return report;
}

for (const what of Object.keys(BOMBS)) {
  Deno.test({
    name: `E41 ${what}: refused, or compiled without anyone noticing`,
    ignore: !HAS_PROC,
    // The next processes run while this test's own is looked at.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const { end, load, late, background, memory } = await undelayedReportOf(what);
      assertEquals(
        end,
        TAKEN.has(what) ? "limit time" : "ModuleRefused",
        JSON.stringify({ late, background, memory }),
      );
      assert(load < MOST_LOAD, `loading took ${load.toFixed(0)} ms`);
      assert(memory < MOST_MEMORY, `${memory} MiB`);
      if (end === "ModuleRefused") return;
      assert(late < MOST_LATE, `the call ended ${late.toFixed(0)} ms after ${TIMEOUT} ms`);
      assert(
        background < MOST_BACKGROUND,
        `threads computed for ${background} ms of the 600 ms after the call`,
      );
    },
  });
}
