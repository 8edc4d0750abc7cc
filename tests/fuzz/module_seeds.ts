/** Modules to begin with: those of the project, and of the official test suite where it is. */
import { realModules } from "../generated/mutants/real_modules.ts";
import { GENERATIONS, randomProgram } from "../generated/generator/random_program.ts";
import { testsuiteFolder } from "../testsuite/location.ts";
import { suiteModules } from "../testsuite/suite_modules.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import { HEADER } from "../wasm/module_builder.ts";
import type { Input } from "./target.ts";

/** Larger ones take long, and what they have the smaller ones have, too. */
const MOST_BYTES = 16_000;

/** Programs of the generator. */
const PROGRAMS = 60, FEW_PROGRAMS = 6;

/** @param thorough with modules that take seconds to read or to make */
export async function moduleSeeds(thorough: boolean): Promise<Input[]> {
  const seeds: Input[] = [Uint8Array.from(HEADER), Uint8Array.from(EVERYTHING)];
  for (let seed = 0; seed < (thorough ? PROGRAMS : FEW_PROGRAMS); seed++) {
    seeds.push(Uint8Array.from(randomProgram(seed, GENERATIONS[seed % GENERATIONS.length] ?? "none").bytes));
  }
  if (!thorough) return seeds;
  for (const { bytes } of await realModules(MOST_BYTES, 0)) seeds.push(bytes);
  const folder = testsuiteFolder();
  if (folder === undefined) return seeds;
  for (const { bytes } of await suiteModules(folder)) {
    if (bytes !== undefined && bytes.length <= MOST_BYTES) seeds.push(bytes);
  }
  return seeds;
}
