/**
 * What direct calls pass beside the arguments, so that the counters stay in registers: the depth of the stack goes down as
 * one more parameter, what is owed goes down and comes back as one more result. In memory, every call would wait for what
 * the one before stored.
 *
 * The parameters take the places of the first declared locals, so that no index shifts.
 */
import type { CallGraph } from "./call_graph.ts";
import { type CallFacts, FUNCTION_FLAGS } from "./plan.ts";
import { CALL_KIND } from "./plan_builder.ts";
import { ENGINE_LIMITS, RESERVED } from "../wasm/implementation_limits.ts";
import type { Module } from "../wasm/module.ts";
import { I32 } from "../wasm/types.ts";

/** Bits that say what a function is passed. */
export const PASS = {
  /** Bytes of counted frames below, beyond those that the global holds. */
  depth: 1,
  /** Units that are owed; the function returns what is owed then. */
  owed: 2,
  /** Calls that are not direct reach another function, of the original type. */
  entry: 4,
} as const;

/** V8 returns two values in registers. */
const MOST_RESULTS = 1;

/**
 * The bits of {@linkcode PASS} for each body. The depth is passed on the cycles of direct calls, what is owed everywhere
 * but in modules that throw: there a frame may end without returning. A function that makes tail calls takes no depth,
 * since its callers could not take back what it would have to publish for its callees; it can return nothing more either.
 */
export function findPassedCounters(
  module: Module,
  calls: CallFacts & { graph: CallGraph; throws: boolean; tailCalled: Uint8Array },
): Uint8Array {
  const { graph, callees, bodyCallees, throws, tailCalled } = calls, bodies = module.bodies.length;
  const passed = new Uint8Array(bodies), { imported } = module;
  const functions = module.functions.length;
  const room = module.types.length + bodies <= ENGINE_LIMITS.types - RESERVED.types &&
    functions + bodies <= ENGINE_LIMITS.functions - RESERVED.functions;
  if (!room) return passed;
  for (let caller = 0; caller < bodies; caller++) {
    for (let call = bodyCallees[caller] ?? 0; call < (bodyCallees[caller + 1] ?? 0); call++) {
      const callee = (callees[call] ?? 0) - imported.function;
      const cycle = graph.recursive[caller] === 1 && graph.component[callee] === graph.component[caller];
      passed[callee] = (passed[callee] ?? 0) | (cycle ? PASS.depth : 0) | (throws ? 0 : PASS.owed);
    }
  }
  for (let body = 0; body < bodies; body++) {
    const tails = ((calls.flags[body] ?? 0) & FUNCTION_FLAGS.tailCalls) !== 0;
    let bits = tails ? 0 : passed[body] ?? 0;
    if (tailCalled[body] === 1 || resultCount(module, body) > MOST_RESULTS) bits &= ~PASS.owed;
    if (!hasPlaces(module, body, bits)) bits &= ~PASS.owed;
    if (!hasPlaces(module, body, bits)) bits = 0;
    passed[body] = bits !== 0 && graph.addressTaken[body] === 1 ? bits | PASS.entry : bits;
  }
  return passed;
}

/** 1 for the bodies to which a direct tail call leads; `calls` lists the callees of all bodies. */
export function findTailCalled(
  module: Module,
  calls: { readonly callees: Int32Array; readonly callKind: (call: number) => number },
): Uint8Array {
  const tailCalled = new Uint8Array(module.bodies.length);
  for (const [call, callee] of calls.callees.entries()) {
    if (calls.callKind(call) === CALL_KIND.tail) tailCalled[callee - module.imported.function] = 1;
  }
  return tailCalled;
}

/** How many parameters these bits stand for. */
export function passedCount(bits: number): number {
  return (bits & PASS.depth ? 1 : 0) + (bits & PASS.owed ? 1 : 0);
}

function resultCount(module: Module, body: number): number {
  const type = module.types[module.functions[module.imported.function + body] ?? 0]?.composite;
  return type?.kind === "func" ? type.results.length : 0;
}

/** Whether the first declared locals are such that the parameters can take their places. */
function hasPlaces(module: Module, body: number, bits: number): boolean {
  let wanted = passedCount(bits);
  const type = module.types[module.functions[module.imported.function + body] ?? 0]?.composite;
  if (type?.kind !== "func" || type.params.length + wanted > ENGINE_LIMITS.params) return false;
  for (const { count, type } of module.bodies[body]?.locals ?? []) {
    if (wanted <= 0) break;
    if (count > 0 && type !== I32) return false;
    wanted -= count;
  }
  return true;
}
