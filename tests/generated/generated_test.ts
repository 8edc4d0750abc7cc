/**
 * What `deno task test:generated` does with any seeds and for any time, with fixed ones, so that a failure can be
 * repeated. Each kind has a process of its own: a guest that nothing stops can only be killed with its process.
 */
import { assert, assertEquals } from "../assert.ts";

/** Whatever the machine does beside. */
const DEADLINE_MS = 90_000;

const ROOT = new URL("../../", import.meta.url);

/** What a run amounted to: counts by name. */
type Summary = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** With traces, for which V8 must not optimise. */
const TRACED = { v8: ["--v8-flags=--liftoff-only"], main: ["--traces", "--engine", "v8"] };
const INTERPRETED = { v8: ["--v8-flags=--liftoff-only"], main: ["--traces", "--engine", "interpreter"] };
const OPTIMISED = { v8: [], main: ["--engine", "v8"] };

async function run(
  kind: string,
  count: number,
  { v8, main }: { readonly v8: readonly string[]; readonly main: readonly string[] },
): Promise<Readonly<Record<string, number>>> {
  const args = [
    "run",
    "-A",
    "--no-prompt",
    ...v8,
    "tests/generated/main.ts",
    "--json",
    "--progress",
    ...main,
  ];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, "--kind", kind, "--seed", "0", "--count", String(count)],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).spawn();
  const { code, signal, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stderr).trimEnd();
  // Progress is a line for each seed: the last of them tell where it failed, or what it hung in.
  assertEquals({ code, signal }, { code: 0, signal: null }, text.split("\n").slice(-4).join("\n"));
  console.log(new TextDecoder().decode(stdout).trimEnd());
  // `as`: the child's own summary.
  return (JSON.parse(new TextDecoder().decode(stdout)) as Summary)[kind] ?? {};
}

/** Fails unless at least so much of each was done. */
function assertAtLeast(
  done: Readonly<Record<string, number>>,
  least: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(least)) {
    assert((done[name] ?? 0) >= count, `${name}: ${done[name]}, at least ${count} are expected`);
  }
}

Deno.test("E43 instrumentation changes nothing that a random program or its host can see, and charges what is executed", async () => {
  const done = await run("programs", 400, TRACED);
  assertAtLeast(done, {
    programs: 400,
    returned: 1000,
    threw: 100,
    trapped: 100,
    stopped: 100,
    stacks: 5000,
  });
  assertEquals({ endless: done.endless, refused: done.refused }, { endless: 0, refused: 0 });
});

Deno.test("E43 instrumentation changes nothing in random programs that V8 optimises", async () => {
  assertAtLeast(await run("programs", 100, OPTIMISED), { programs: 100, returned: 300 });
});

Deno.test("E43 instrumentation changes nothing in real modules whose code was changed", async () => {
  assertAtLeast(await run("mutants", 220, TRACED), {
    programs: 210,
    returned: 250,
    trapped: 20,
    stopped: 100,
  });
});

Deno.test("E43 the interpreter does what V8 does with random programs, for the same fuel, and stops where V8 stops", async () => {
  assertAtLeast(await run("programs", 200, INTERPRETED), {
    interpreted: 200,
    returned: 500,
    threw: 40,
    trapped: 50,
    stopped: 50,
  });
});

Deno.test("E43 the interpreter does what V8 does with real modules whose code was changed", async () => {
  assertAtLeast(await run("mutants", 100, INTERPRETED), { interpreted: 95, returned: 100, stopped: 40 });
});

Deno.test("E43 the interpreter does what V8 does with shapes of code that it is clever about", async () => {
  assertAtLeast(await run("shapes", 100, INTERPRETED), {
    interpreted: 140,
    returned: 300,
    threw: 50,
    stopped: 30,
  });
});

Deno.test("E42 real modules whose bytes were changed are taken or refused as V8 does it, in time", async () => {
  assertAtLeast(await run("bytes", 2000, OPTIMISED), { compared: 2000, valid: 40, instrumented: 40 });
});
