import type { CompileFacts } from "../analysis/plan.ts";
import { ModuleInvalidError, ModuleRefusedError } from "../core/errors.ts";
import type { Module } from "../wasm/module.ts";
import type { FunctionObserver } from "../wasm/validate/function_observer.ts";
import { validateModule } from "../wasm/validate_module.ts";
import { refusalsOf } from "./refusals.ts";

/** What keeps a module that can be read from being run. */
export interface Verdict {
  /** Why it is invalid. */
  readonly invalid: ModuleInvalidError | undefined;
  /** Why a run would refuse it although it is valid. */
  readonly refusals: readonly ModuleRefusedError[];
}

/** Sees the code while it is validated, and says afterwards what compiling it costs at most. */
export interface BoundingObserver extends FunctionObserver {
  readonly bound: CompileFacts;
}

/**
 * Judges a module as a run under the default limits would, before V8 sees it.
 *
 * @throws {ModuleRefusedError} on a function that is valid and piles up operands beyond all measure
 */
export function judgeModule(module: Module, observe?: BoundingObserver): Verdict {
  try {
    const validation = validateModule(module, observe === undefined ? {} : { observe });
    return { invalid: undefined, refusals: refusalsOf(module, validation, observe?.bound) };
  } catch (error) {
    if (error instanceof ModuleInvalidError) return { invalid: error, refusals: [] };
    throw error;
  }
}

/** What a run would say; a refusal that is thrown is one as well. */
export function verdictOf(module: Module, observe?: BoundingObserver): Verdict {
  try {
    return judgeModule(module, observe);
  } catch (error) {
    if (error instanceof ModuleRefusedError) return { invalid: undefined, refusals: [error] };
    throw error;
  }
}
