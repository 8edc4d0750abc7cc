/**
 * Functions that are told by their caller how much of the stack is in use. In a recursion through direct calls the count
 * then stays in registers; in memory every call would wait for the one before, and take three times as long.
 *
 * The depth is one more parameter. It takes the place of the first declared local, so that no index shifts.
 */
import type { CallGraph } from "./call_graph.ts";
import { type CallFacts, FUNCTION_FLAGS } from "./plan.ts";
import { ENGINE_LIMITS } from "../wasm/implementation_limits.ts";
import type { Module } from "../wasm/module.ts";
import { I32 } from "../wasm/types.ts";

/** How a function learns the depth of the stack. */
export const DEPTH = {
  /** It is in a global whenever the function is called. */
  published: 0,
  /** To what is in the global a parameter is added. Only direct calls reach the function. */
  parameter: 1,
  /** The same for direct calls; all others call a function of the original type, which passes on no depth. */
  both: 2,
} as const;

/**
 * The value of {@linkcode DEPTH} for each body: a parameter for those that a direct call on their own cycle reaches. A
 * function that makes tail calls can have none: its callers could not take back what it would publish for its callees.
 */
export function findDepthParameters(module: Module, calls: CallFacts & { graph: CallGraph }): Uint8Array {
  const { graph, flags, callees, bodyCallees } = calls, bodies = module.bodies.length;
  const depth = new Uint8Array(bodies);
  const functions = module.functions.length, imported = module.imported.function;
  if (module.types.length + bodies > ENGINE_LIMITS.types || functions + bodies > ENGINE_LIMITS.functions) {
    return depth;
  }
  for (let caller = 0; caller < bodies; caller++) {
    if (graph.recursive[caller] === 0) continue;
    for (let call = bodyCallees[caller] ?? 0; call < (bodyCallees[caller + 1] ?? 0); call++) {
      const callee = (callees[call] ?? 0) - imported;
      if (graph.component[callee] !== graph.component[caller] || depth[callee] !== DEPTH.published) continue;
      if (((flags[callee] ?? 0) & FUNCTION_FLAGS.tailCalls) !== 0 || !takesParameter(module, callee)) {
        continue;
      }
      depth[callee] = graph.addressTaken[callee] === 1 ? DEPTH.both : DEPTH.parameter;
    }
  }
  return depth;
}

function takesParameter(module: Module, body: number): boolean {
  const type = module.types[module.functions[module.imported.function + body] ?? 0]?.composite;
  const first = module.bodies[body]?.locals.find((group) => group.count > 0);
  return type?.kind === "func" && type.params.length < ENGINE_LIMITS.params &&
    (first === undefined || first.type === I32);
}
