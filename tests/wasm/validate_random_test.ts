import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { GENERATIONS, randomProgram } from "../generated/generator/random_program.ts";
import { changeInstructions } from "./mutants/change_instructions.ts";
import { assertEquals } from "../assert.ts";
import { EVERYTHING } from "./everything_module.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { randomModule } from "./random_code.ts";
import { randomTypes } from "./random_types.ts";
import { Comparison, repetitions, seed } from "./verdict.ts";

/** Compares modules until there are enough, and says how many and with which seed. */
function compare(make: (random: Random) => Uint8Array<ArrayBuffer>, count: number): Comparison {
  const comparison = new Comparison();
  const random = new Random(seed());
  for (let round = 0; round < count; round++) {
    comparison.add(make(random), `seed ${random.seed}, round ${round}`);
  }
  console.log(`seed ${random.seed}: ${comparison}`);
  assertEquals(comparison.differences, []);
  return comparison;
}

Deno.test("validateModule() agrees with V8 on functions of random code", () => {
  const { valid, compared } = compare(randomModule, repetitions(12_000));
  assertEquals(valid > compared / 20, true, "so few are valid that nothing is tested");
});

Deno.test("validateModule() agrees with V8 on equality and subtyping of random types", () => {
  const { valid, compared } = compare(randomTypes, repetitions(12_000));
  assertEquals(valid > compared / 20, true, "so few are valid that nothing is tested");
});

Deno.test("validateModule() agrees with V8 on mutated modules", () => {
  const sources = [() => EVERYTHING, randomModule, randomTypes];
  compare((random) => mutate(random.pick(sources)(random), random), repetitions(12_000));
});

Deno.test("validateModule() agrees with V8 on modules whose instructions were changed", () => {
  const programs = Array.from(
    { length: 15 },
    (_, seed) => randomProgram(seed, GENERATIONS[seed % GENERATIONS.length] ?? "none").bytes,
  );
  const sources = [randomModule, (random: Random) => random.pick(programs)];
  const changed = (random: Random) => {
    const bytes = random.pick(sources)(random);
    return changeInstructions(readModule(bytes, ENGINE_LIMITS), random) ?? bytes;
  };
  const { valid, compared } = compare(changed, repetitions(3000));
  assertEquals(valid > compared / 20, true, "so few are valid that nothing is tested");
});
