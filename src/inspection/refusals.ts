import { checkCompileCost } from "../analysis/compile_cost.ts";
import { DEFAULT_COSTS } from "../analysis/cost.ts";
import { checkDeclared, measureModule } from "../analysis/declared.ts";
import { planModule } from "../analysis/plan_module.ts";
import { checkRequirements } from "../analysis/requirements.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import { resolveLimits } from "../core/limits.ts";
import type { Module } from "../wasm/module.ts";
import type { Validation } from "../wasm/validate_module.ts";

function refusalOf(check: () => void): ModuleRefusedError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ModuleRefusedError) return error;
    throw error;
  }
}

/** Why a run under the default limits would refuse a valid module: the checks of a run, in its order. */
export function refusalsOf(module: Module, validation: Validation): ModuleRefusedError[] {
  const limit = refusalOf(() => checkDeclared(measureModule(module), resolveLimits()));
  const requirement = refusalOf(() =>
    checkRequirements(module, { unboundedHeap: false, deterministic: false })
  );
  // As in a run, only a module without GC types is planned.
  const cost = requirement !== undefined ? undefined : refusalOf(() => {
    const plan = planModule(module, DEFAULT_COSTS);
    checkCompileCost(module, { plan, maxOperandBytes: validation.maxOperandBytes });
  });
  return [limit, requirement, cost].filter((refusal) => refusal !== undefined);
}
