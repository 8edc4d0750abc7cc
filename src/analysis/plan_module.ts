import type { CostModel } from "./cost.ts";
import { FUNCTION_FLAGS, type ModulePlan, PlanBuilder } from "./plan.ts";
import { BodyWalker } from "./walk_body.ts";
import type { Module } from "../wasm/module.ts";

/** Works out the plan of a validated module: one pass over its code, linear in its bytes. */
export function planModule(module: Module, costs: CostModel): ModulePlan {
  // In a module that can catch, or throw, a call may leave its frame, so it ends a region. A handler without any
  // tag is rare enough to find out on the way and start again.
  return walkBodies(module, costs, module.tags.length > 0) ?? walkBodies(module, costs, true) ??
    unreachablePlan();
}

function unreachablePlan(): never {
  throw new Error("planModule: the second walk cannot be refused");
}

function walkBodies(module: Module, costs: CostModel, throws: boolean): ModulePlan | undefined {
  const count = module.bodies.length, plan = new PlanBuilder();
  const walker = new BodyWalker(module, { costs, plan, throws });
  const bodySites = new Uint32Array(count + 1), bodyCallees = new Uint32Array(count + 1);
  const flags = new Uint8Array(count),
    callBytes = new Uint32Array(count);
  const compile = {
    branchPoints: new Uint32Array(count),
    callResults: new Float64Array(count),
    callResultSquares: new Float64Array(count),
    clauses: new Uint32Array(count),
    loops: new Uint32Array(count),
    calls: new Uint32Array(count),
    unknownCalls: new Uint32Array(count),
    loopExits: new Float64Array(count),
    mergeSquares: new Float64Array(count),
  };
  for (const [index, body] of module.bodies.entries()) {
    walker.walk(body, module.functions[module.imported.function + index] ?? 0);
    if (!throws && (walker.flags & FUNCTION_FLAGS.hasHandler) !== 0) return undefined;
    bodySites[index + 1] = plan.siteCount;
    bodyCallees[index + 1] = plan.calleeCount;
    flags[index] = walker.flags;
    callBytes[index] = walker.callBytes;
    compile.branchPoints[index] = walker.branchPoints;
    compile.callResults[index] = walker.callResults;
    compile.callResultSquares[index] = walker.callResultSquares;
    compile.clauses[index] = walker.clauses;
    compile.loops[index] = walker.loops;
    compile.calls[index] = walker.calls;
    compile.unknownCalls[index] = walker.unknownCalls;
    compile.loopExits[index] = walker.loopExits;
    compile.mergeSquares[index] = walker.mergeSquares;
  }
  const { siteCount, siteOffset, siteKind, siteCost, callees } = plan;
  return {
    siteCount,
    siteOffset,
    siteKind,
    siteCost,
    bodySites,
    flags,
    callees,
    bodyCallees,
    callBytes,
    compile,
  };
}
