/**
 * `deno task test:resume`: a computation of some seconds is saved every 200 ms, killed with SIGKILL at random moments,
 * resumed each time in a new process, and has to end with the right answer and the same fuel.
 *
 *     --kills N     @default 50      --steps N     @default 1,000,000,000     --seed N     @default the time
 */
import { parseArgs } from "node:util";
import { JOB } from "./checkpoint_job.ts";
import { type KilledRun, type KilledRunEnd, runKilled } from "./killed_runs.ts";
import { Random } from "../wasm/random.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    steps: { type: "string", default: "1000000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});

const LIMITS = ["--fuel-limit", "unlimited", "--timeout", "30m", "--metrics"];

function resultAndFuel({ stdout, stderr }: KilledRunEnd): string {
  const text = stdout + stderr;
  return `${/Result: .*/.exec(text)?.[0]}, ${/Fuel consumed: [\d,]+/.exec(text)?.[0]}`;
}

const folder = await Deno.makeTempDir();
try {
  await Deno.writeTextFile(`${folder}/job.wat`, JOB);
  const of = (kills: number): KilledRun => ({
    folder,
    run: ["job.wat", "-e", "job", "--engine", "interpreter", ...LIMITS, "--", values.steps],
    resume: LIMITS,
    every: "200ms",
    kills,
    within: 400,
    random: new Random(Number(values.seed)),
  });
  const before = performance.now(), whole = await runKilled(of(0)), between = performance.now();
  const pieces = await runKilled(of(Number(values.kills))), after = performance.now();
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
  console.log(`undisturbed: ${resultAndFuel(whole)}, in ${seconds(before, between)} s`);
  console.log(
    `killed ${pieces.kills} times: ${resultAndFuel(pieces)}, in ${pieces.processes} processes and ${
      seconds(between, after)
    } s (seed ${values.seed})`,
  );
  const same = resultAndFuel(whole) === resultAndFuel(pieces) && whole.status === 0 && pieces.status === 0;
  const enough = pieces.kills === Number(values.kills);
  console.log(
    same ? "the same" : `DIFFERENT: ${pieces.stderr}`,
    enough ? "" : "too few kills: raise --steps",
  );
  Deno.exitCode = same && enough ? 0 : 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
