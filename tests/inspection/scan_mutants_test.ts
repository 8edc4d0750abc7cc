import { AegisError } from "../../src/core/errors.ts";
import { scanModule } from "../../src/inspection/scan.ts";
import { assert, assertEquals } from "../assert.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import { mutate } from "../wasm/mutate.ts";
import { Random } from "../wasm/random.ts";
import { randomModule } from "../wasm/random_code.ts";

Deno.test("scanModule() tells of each mutant that it is invalid, or scores it, and never fails otherwise", () => {
  let scored = 0;
  for (let seed = 0; seed < 600; seed++) {
    const random = new Random(seed);
    const bytes = mutate(seed % 2 === 0 ? EVERYTHING : randomModule(random), random);
    try {
      const { scan: { invalid, score, facts } } = scanModule(bytes);
      assertEquals([score === undefined, facts === undefined], [
        invalid !== undefined,
        invalid !== undefined,
      ]);
      if (score !== undefined) scored++;
    } catch (error) {
      if (!(error instanceof AegisError)) throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  assert(scored > 20, `${scored} mutants were valid`);
});
