/**
 * The instrumenter: whatever module is valid, what it makes of it is valid, for V8 and for our own validator, with and
 * without canonical NaNs; and where the module can be run, both engines do with it what bare V8 does with the original.
 */
import { AegisError } from "../../../src/core/errors.ts";
import { resolveLimits } from "../../../src/core/limits.ts";
import { instrument } from "../../../src/guest/prepare.ts";
import { ENGINE_LIMITS } from "../../../src/wasm/implementation_limits.ts";
import { readModule } from "../../../src/wasm/read_module.ts";
import { validateModule } from "../../../src/wasm/validate_module.ts";
import { compareProgram } from "../../generated/compare.ts";
import { programOf, runnable } from "../../generated/mutants/as_program.ts";
import { WITHIN } from "../../generated/mutants/mutant.ts";
import { Tally } from "../../generated/tally.ts";
import { WIDE_LIMITS } from "../../instrument/wide_limits.ts";
import { Random } from "../../wasm/random.ts";
import { refusal } from "../../wasm/verdict.ts";
import { changeModule } from "../change_module.ts";
import { moduleSeeds } from "../module_seeds.ts";
import type { Input, Target } from "../target.ts";

const LIMITS = resolveLimits(WIDE_LIMITS);

/** What instrumentation makes of a module that is valid; undefined where a limit of ours, or of V8, refuses. */
function instrumented(input: Input, deterministic: boolean): Input | undefined {
  try {
    return Uint8Array.from(instrument(input, { limits: LIMITS, deterministic }).bytes);
  } catch (error) {
    if (error instanceof AegisError) return undefined;
    throw error;
  }
}

function checkInstrumented(input: Input, deterministic: boolean): boolean {
  const bytes = instrumented(input, deterministic);
  if (bytes === undefined) return false;
  if (!WebAssembly.validate(bytes)) {
    throw new Error(`Invalid for V8 when instrumented, deterministic ${deterministic}`);
  }
  // A limit of ours may be one of the original's alone.
  const error = refusal(bytes);
  if (error !== undefined && error.code !== "ModuleRefused") {
    throw new Error(`Invalid for us when instrumented, deterministic ${deterministic}: ${error.message}`);
  }
  return true;
}

/** A module that can be run, as a program; undefined where it needs more than functions. */
function asProgram(input: Input): ReturnType<typeof programOf> | undefined {
  try {
    const module = runnable(input);
    if (module === undefined || !WebAssembly.validate(module.bytes)) return undefined;
    validateModule(readModule(module.bytes, ENGINE_LIMITS));
    return programOf(module, new Random(input.length), "input");
  } catch (error) {
    if (error instanceof AegisError) return undefined;
    throw error;
  }
}

async function attempt(input: Input): Promise<void> {
  if (!WebAssembly.validate(input) || refusal(input) !== undefined) return;
  if (!checkInstrumented(input, false) || !checkInstrumented(input, true)) return;
  const program = asProgram(input);
  if (program !== undefined) await compareProgram(program, new Tally(), { within: WITHIN });
}

export const target: Target = {
  doc: "instrumenter: valid stays valid, and does on both engines what the original does on bare V8",
  seeds: moduleSeeds,
  change: changeModule,
  mostBytes: 20_000,
  patience: { base: 4000, perKiB: 400 },
  open: () => ({ attempt }),
};
