/** A short, fixed run of each target, and every input on which one has failed before. */
import { assert, assertEquals } from "../assert.ts";
import { readCrash } from "./engine/crash_file.ts";
import { FuzzLoop } from "./engine/fuzz_loop.ts";
import { tryInput } from "./engine/try_input.ts";
import { wordBytes } from "./engine/words.ts";
import { loadTarget, TARGET_NAMES } from "./targets.ts";

const REGRESSIONS = new URL("regressions/", import.meta.url);

/** Executions of a run, and milliseconds after which it ends before that: a slow machine is not kept for longer. */
const EXECUTIONS = 60, LONGEST = 700;

function regressionsOf(target: string): URL[] {
  try {
    const folder = new URL(`${target}/`, REGRESSIONS);
    return Array.from(Deno.readDirSync(folder), ({ name }) => new URL(name, folder))
      .toSorted((one, other) => one.href < other.href ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

for (const name of TARGET_NAMES) {
  Deno.test(`fuzz target ${name}: a run with a fixed seed, and inputs of past crashes`, async () => {
    const target = await loadTarget(name), attempts = await target.open();
    try {
      for (const file of regressionsOf(name)) {
        const { target: of, input } = readCrash(await Deno.readTextFile(file));
        assertEquals(of, name, file.href);
        const { failure } = await tryInput(attempts, input, target.patience);
        assertEquals(failure, undefined, file.href);
      }
      const failures: string[] = [], end = performance.now() + LONGEST;
      const seeds = await target.seeds(false),
        step = Math.max(1, Math.floor(seeds.length / (EXECUTIONS / 3)));
      const loop = new FuzzLoop(target, attempts, {
        seed: 1,
        inputs: seeds.filter((_, index) => index % step === 0),
        words: wordBytes(target.words ?? []),
        ends: (executions) => executions >= EXECUTIONS || executions > 0 && performance.now() > end,
        onCrash: (input, why) => Promise.resolve(void failures.push(`${why}\n${input.toHex()}`)),
      });
      await loop.run();
      assertEquals(failures, []);
      assert(loop.executions > 0);
    } finally {
      await attempts.close?.();
    }
  });
}

Deno.test("every folder of regressions is one of a target", () => {
  const folders = [...Deno.readDirSync(REGRESSIONS)].map(({ name }) => name);
  assertEquals(folders.filter((name) => !(TARGET_NAMES as readonly string[]).includes(name)), []);
});
