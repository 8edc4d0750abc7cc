import { PASS } from "./passed_counters.ts";
import { FUNCTION_FLAGS, type ModulePlan } from "./plan.ts";
import type { Module } from "../wasm/module.ts";
import { byteWidth, type ValueType } from "../wasm/types.ts";

/** What calls cost of the guest's stack, by body. */
export interface StackPlan {
  /** Bytes of a frame by the cost model, with those of uncounted frames below one that is counted and cannot recur. */
  readonly frame: Float64Array;
  /** Bytes of the frame of a function of ours that calls from outside pass through, where it counts that itself. */
  readonly entry: Float64Array;
  /** 1 where the function counts its frame when it runs. */
  readonly counted: Uint8Array;
  /** 1 where that is done at the plan's entry site, 0 where at the first of the body. */
  readonly late: Uint8Array;
  /** 1 where the function is counted, or may call one that is. */
  readonly reaches: Uint8Array;
}

/** Return address, saved registers and the like of a frame. */
const FRAME_BASE = 48;

/**
 * A function that is tested only where it does more than return is counted there, too, if its frame is at most this: on
 * its way out it calls nothing.
 */
const MOST_LATE_BYTES = 1024;

/**
 * Frames that need not be counted since they cannot recur may still follow each other in a long chain; a chain is
 * cut by counting a function, with the frames below it, as soon as more than this would go uncounted.
 */
const UNCOUNTED_BYTES = 16 * 1024;

/**
 * Decides which functions count their frames: those that can be on the stack twice, those that hold a handler (they
 * must set the counter right after frames below them were unwound), and enough others that no uncounted chain of
 * calls exceeds 16 KiB.
 *
 * A frame is taken to be its parameters, locals and highest operand stack, twice the arguments and results of its
 * largest call, and 48 bytes. The operand stack includes what open catch blocks of the old exceptions keep alive. Where
 * calls from outside pass through a function of ours that passes on no depth, that one's frame is added.
 *
 * The arguments of a call stand in the caller's frame. A tail call puts its own in their place, however many more they are,
 * and its caller's count ends with its frame: what may be called so counts its parameters once more. That is whatever a
 * direct tail call leads to, and whatever code of other modules can reach.
 */
export function planStack(
  module: Module,
  facts: { plan: ModulePlan; maxOperandBytes: ArrayLike<number> },
): StackPlan {
  const { plan } = facts, { graph } = plan, bodies = module.bodies.length;
  const frame = new Float64Array(bodies),
    counted = new Uint8Array(bodies),
    entry = new Float64Array(bodies),
    late = new Uint8Array(bodies),
    reaches = new Uint8Array(bodies),
    chain = new Float64Array(graph.size);
  for (const [index, body] of module.bodies.entries()) {
    let bytes = FRAME_BASE + (facts.maxOperandBytes[index] ?? 0) + 2 * (plan.callBytes[index] ?? 0);
    for (const group of body.locals) bytes += group.count * byteWidth(group.type);
    const type = module.types[module.functions[module.imported.function + index] ?? 0]?.composite;
    if (type?.kind === "func") {
      const params = sumOfWidths(type.params), results = sumOfWidths(type.results);
      const bits = plan.passed[index] ?? 0, entered = (bits & PASS.entry) !== 0;
      const taken = graph.addressTaken[index] === 1 && !entered;
      bytes += taken || plan.tailCalled[index] === 1 ? 2 * params : params;
      const own = entered ? FRAME_BASE + 3 * params + 2 * results : 0;
      if (bits & PASS.depth) entry[index] = own;
      else bytes += own;
    }
    frame[index] = bytes;
    late[index] = bytes <= MOST_LATE_BYTES ? 1 : 0;
  }
  // Callees first; on a cycle every body is counted, so their order among themselves does not matter.
  for (const node of graph.order) {
    let below = 0, reaching = 0;
    graph.successors(node, (next) => {
      below = Math.max(below, chain[next] ?? 0);
      reaching |= next === bodies ? 1 : reaches[next] ?? 0;
    });
    if (node === bodies) {
      chain[node] = below;
      continue;
    }
    const length = below + (frame[node] ?? 0);
    const must = graph.recursive[node] === 1 || ((plan.flags[node] ?? 0) & FUNCTION_FLAGS.hasHandler) !== 0;
    if (must || length > UNCOUNTED_BYTES) {
      counted[node] = reaching = 1;
      // Who is on the stack once counts what goes uncounted below it as well: else a long chain would go uncounted in pieces.
      if (graph.recursive[node] !== 1) frame[node] = length;
    } else chain[node] = length;
    reaches[node] = reaching;
  }
  return { frame, entry, counted, late, reaches };
}

function sumOfWidths(types: readonly ValueType[]): number {
  return types.reduce((sum, type) => sum + byteWidth(type), 0);
}
