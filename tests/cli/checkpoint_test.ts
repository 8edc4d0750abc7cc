/** `aegis run --checkpoint` and `aegis resume`. */
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { Random } from "../wasm/random.ts";
import { JOB } from "./checkpoint_job.ts";
import { type KilledRun, runKilled } from "./killed_runs.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const LIMITS = ["--fuel-limit", "unlimited", "--timeout", "5m", "--metrics"];

function killed(folder: string, steps: number, kills: number): KilledRun {
  return {
    folder,
    run: ["job.wat", "-e", "job", "--engine", "interpreter", ...LIMITS, "--", String(steps)],
    resume: LIMITS,
    every: "50ms",
    kills,
    within: 150,
    random: new Random(5),
  };
}

function resultAndFuel(stdout: string): (string | undefined)[] {
  return [/Result: .*/.exec(stdout)?.[0], /Fuel consumed: [\d,]+/.exec(stdout)?.[0]];
}

Deno.test("a run that is killed again and again ends with the same result and the same fuel", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/job.wat`, JOB);
    // So much that it is killed on the way, however fast the machine is.
    let steps = 12_000_000, pieces = await runKilled(killed(folder, steps, 3));
    while (pieces.kills < 2 && steps < 1e9) pieces = await runKilled(killed(folder, steps *= 4, 3));
    const whole = await runKilled(killed(folder, steps, 0));
    assertEquals([whole.status, whole.kills, whole.processes], [0, 0, 1], whole.stderr);
    assertEquals(pieces.status, 0, pieces.stderr);
    assert(pieces.kills >= 2, `${pieces.kills} kills`);
    const both = (end: { stdout: string; stderr: string }) => resultAndFuel(end.stdout + end.stderr);
    assertEquals(both(pieces), both(whole));
    assertEquals(both(pieces).includes(undefined), false);
    const left: string[] = [];
    for await (const { name } of Deno.readDir(folder)) left.push(name);
    assertEquals(left, ["job.wat"], "the checkpoint is gone when the run has ended");
  }));

async function aegis(folder: string, ...words: string[]): Promise<{ status: number; complaint: string }> {
  const entry = new URL("../../cli.ts", import.meta.url).pathname;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", entry, ...words],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  return { status: code, complaint: new TextDecoder().decode(stderr) };
}

Deno.test("checkpoints that cannot be are refused with the flag that is to blame", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/job.wat`, JOB);
    await Deno.writeTextFile(`${folder}/no.snapshot`, "nothing of the kind");
    const refused = async (words: readonly string[], status: number, why: string) => {
      const end = await aegis(folder, ...words);
      assertStringIncludes(end.complaint, why);
      assertEquals(end.status, status, end.complaint);
    };
    await refused(["run", "job.wat", "--checkpoint", "a"], 2, 'Cannot save what engine "v8" runs');
    await refused(["run", "job.wat", "--checkpoint-every", "1s"], 2, "without --checkpoint");
    const engine = ["--engine", "interpreter"];
    await refused(["run", "job.wat", ...engine, "--checkpoint", "none/a"], 2, 'Cannot read "none"');
    await refused(["run", "job.wat", ...engine, "--checkpoint", "a,b"], 2, "a path with a comma");
    await refused(["resume", "-"], 2, "Cannot read a checkpoint from stdin");
    await refused(["resume", "gone"], 2, 'Cannot read "gone"');
    await refused(["resume", "no.snapshot"], 65, "it does not begin as one");
  }));
