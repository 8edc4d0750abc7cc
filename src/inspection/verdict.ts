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

/**
 * Judges a module as a run under the default limits would, before V8 sees it.
 *
 * @throws {ModuleRefusedError} on a function that is valid and piles up operands beyond all measure
 */
export function judgeModule(module: Module): Verdict {
  try {
    return { invalid: undefined, refusals: refusalsOf(module, validateModule(module)) };
  } catch (error) {
    if (error instanceof ModuleInvalidError) return { invalid: error, refusals: [] };
    throw error;
  }
}

/** What a run would say; a refusal that is thrown is one as well. */
export function verdictOf(module: Module): Verdict {
  try {
    return judgeModule(module);
  } catch (error) {
    if (error instanceof ModuleRefusedError) return { invalid: undefined, refusals: [error] };
    throw error;
  }
}
