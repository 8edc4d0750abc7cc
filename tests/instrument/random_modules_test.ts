import { AegisError } from "../../src/core/errors.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { assert, assertEquals } from "../assert.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import { mutate } from "../wasm/mutate.ts";
import { Random } from "../wasm/random.ts";
import { randomModule } from "../wasm/random_code.ts";
import { randomTypes } from "../wasm/random_types.ts";
import { repetitions, seed } from "../wasm/verdict.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

const LIMITS = resolveLimits(WIDE_LIMITS);

/** How V8 judges a module that ours accepted and rewrote; undefined when it compiles. */
function complaint(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  const made = instrument(bytes, { limits: LIMITS, unboundedHeap: true });
  try {
    for (const part of [made.bytes, made.shim]) new WebAssembly.Module(Uint8Array.from(part));
  } catch (error) {
    return String(error);
  }
  return undefined;
}

const SOURCES: Readonly<Record<string, (random: Random) => Uint8Array<ArrayBuffer>>> = {
  "random code": randomModule,
  "random types": randomTypes,
  "mutations": (random) => mutate(random.pick([() => EVERYTHING, randomModule, randomTypes])(random), random),
};

for (const [what, make] of Object.entries(SOURCES)) {
  Deno.test(`instrument() makes modules that V8 compiles, from every valid one: ${what}`, () => {
    const random = new Random(seed()), count = repetitions(6000);
    let rewritten = 0;
    for (let round = 0; round < count; round++) {
      const bytes = make(random);
      if (!WebAssembly.validate(bytes)) continue;
      try {
        assertEquals(complaint(bytes), undefined, `seed ${random.seed}, round ${round}`);
        rewritten++;
      } catch (error) {
        // Refused by a limit, or invalid where V8 is more lenient; that is what the tests of the validator are for.
        if (!(error instanceof AegisError)) throw error;
      }
    }
    console.log(`seed ${random.seed}: ${rewritten} of ${count} were valid and rewritten`);
    assert(rewritten > count / 50);
  });
}
