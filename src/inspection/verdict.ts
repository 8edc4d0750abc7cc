import type { CompileFacts } from "../analysis/plan.ts";
import { ModuleInvalidError, ModuleRefusedError } from "../core/errors.ts";
import type { Module } from "../wasm/module.ts";
import { validateModule } from "../wasm/validate_module.ts";
import { refusalsOf } from "./refusals.ts";

/** What keeps a module that can be read from being run. */
export interface Verdict {
  /** Why it is invalid. */
  readonly invalid: ModuleInvalidError | undefined;
  /** Why a run would refuse it although it is valid. */
  readonly refusals: readonly ModuleRefusedError[];
}

/** Goes over the code of a module that is valid, for more than a verdict, and says what compiling it costs at most. */
export type BoundedPass = (module: Module) => CompileFacts;

/**
 * Judges a module as a run under the default limits would, before V8 sees it.
 *
 * @throws {ModuleRefusedError} on a function that is valid and piles up operands beyond all measure
 */
export function judgeModule(module: Module, pass?: BoundedPass): Verdict {
  try {
    const validation = validateModule(module);
    return { invalid: undefined, refusals: refusalsOf(module, validation, pass?.(module)) };
  } catch (error) {
    if (error instanceof ModuleInvalidError) return { invalid: error, refusals: [] };
    throw error;
  }
}

/** What a run would say; a refusal that is thrown is one as well. */
export function verdictOf(module: Module, pass?: BoundedPass): Verdict {
  try {
    return judgeModule(module, pass);
  } catch (error) {
    if (error instanceof ModuleRefusedError) return { invalid: undefined, refusals: [error] };
    throw error;
  }
}
