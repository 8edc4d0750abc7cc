import type { ModulePlan } from "./plan.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import type { Module } from "../wasm/module.ts";

/**
 * V8 15 compiles a function at its first call, in one go that nothing can stop, in about 11 ns × locals × branches
 * (measured: 49,000 locals × 10,000 branches take 5.5 s). So the product is bounded, for a function and in sum.
 * 10^7 is 0.11 s, 10^8 1.1 s. Large programs are far below: SQLite has 1.3·10^5 in its worst function and 1.0·10^6 in
 * sum, at 0.77 MB.
 */
export const COMPILE_COST_LIMITS = { function: 1e7, module: 1e8 } as const;

/** Locals and branches that instrumentation adds to a function at most. */
const ADDED_LOCALS = 2;

/**
 * Refuses a module that would keep V8's compiler busy for too long.
 *
 * @throws {ModuleRefusedError} with the function that is too expensive
 */
export function checkCompileCost(module: Module, plan: ModulePlan): void {
  let sum = 0;
  for (const [index, body] of module.bodies.entries()) {
    const functionIndex = module.imported.function + index;
    const type = module.types[module.functions[functionIndex] ?? 0]?.composite;
    const params = type?.kind === "func" ? type.params.length : 0;
    const cost = (params + body.localCount + ADDED_LOCALS) * (plan.branchPoints[index] ?? 0);
    if (cost > COMPILE_COST_LIMITS.function) {
      throw new ModuleRefusedError(
        `Cannot run function ${functionIndex}: compiling it costs ${cost} (locals × branches), the limit is ${COMPILE_COST_LIMITS.function}`,
      );
    }
    sum += cost;
  }
  if (sum > COMPILE_COST_LIMITS.module) {
    throw new ModuleRefusedError(
      `Cannot run the module: compiling it costs ${sum} (locals × branches), the limit is ${COMPILE_COST_LIMITS.module}`,
    );
  }
}
