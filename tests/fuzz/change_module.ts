/** Changes that know what a module is: bytes within sections, whole instructions, whole sections. */
import { AegisError } from "../../src/core/errors.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { mutate } from "../wasm/mutate.ts";
import { changeInstructions } from "../wasm/mutants/change_instructions.ts";
import type { Random } from "../wasm/random.ts";
import type { Input } from "./target.ts";

export function changeModule(input: Input, random: Random): Input | undefined {
  if (random.below(2) === 0) return mutate(input, random);
  try {
    const module = readModule(input, ENGINE_LIMITS);
    let changed: Input | undefined;
    for (let attempt = 0; attempt < 4 && changed === undefined; attempt++) {
      changed = changeInstructions(module, random);
    }
    return changed;
  } catch (error) {
    if (error instanceof AegisError) return mutate(input, random);
    throw error;
  }
}
