import { compileBound } from "../analysis/compile_bound.ts";
import { checkCompileCost } from "../analysis/compile_cost.ts";
import { DEFAULT_COSTS } from "../analysis/cost.ts";
import { checkDeclared, measureModule } from "../analysis/declared.ts";
import type { CompileFacts } from "../analysis/plan.ts";
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

/**
 * Why a run under the default limits would refuse a valid module: the checks of a run, in its order.
 *
 * @param bound of its code, from a pass over it that was made for more than this
 */
export function refusalsOf(
  module: Module,
  { maxOperandBytes }: Pick<Validation, "maxOperandBytes">,
  bound?: CompileFacts,
): ModuleRefusedError[] {
  const limit = refusalOf(() => checkDeclared(measureModule(module), resolveLimits()));
  const requirement = refusalOf(() =>
    checkRequirements(module, { unboundedHeap: false, deterministic: false })
  );
  // As in a run, only a module without GC types is planned; and only one that costs too much by the bound.
  const isCleared = requirement !== undefined ||
    refusalOf(() =>
        checkCompileCost(module, { plan: { compile: bound ?? compileBound(module) }, maxOperandBytes })
      ) === undefined;
  const cost = isCleared ? undefined : refusalOf(() => {
    checkCompileCost(module, { plan: planModule(module, DEFAULT_COSTS), maxOperandBytes });
  });
  return [limit, requirement, cost].filter((refusal) => refusal !== undefined);
}
