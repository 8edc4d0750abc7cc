/** The engines that suites run on: both, or V8 alone in a build without the interpreter. */
import { type Engine, ENGINES } from "../../src/core/engine.ts";
import { buildCore } from "../../src/interp/core/build_core.ts";

function hasInterpreter(): boolean {
  try {
    return buildCore(["i32"]).length > 0;
  } catch {
    return false;
  }
}

/** Whether there is an interpreter. */
export const HAS_INTERPRETER: boolean = hasInterpreter();

export const ENGINES_HERE: readonly Engine[] = ENGINES.filter((engine) => engine === "v8" || HAS_INTERPRETER);
