/**
 * The code by which a function counts its frame. The bytes of counted frames on the stack are
 *
 *     the stack global + the depth that is passed by a parameter
 *
 * A function adds its own frame to the depth it is told, compares, and passes the sum on to functions that take it.
 * Around calls of others it stands in the global. So a call between two functions that pass it changes no memory, and
 * nothing has to be undone where the frame ends.
 */
import type { CodeContext } from "./additions.ts";
import { CODE, EMPTY_BLOCK, i32Const, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { HOOKS } from "./layout.ts";
import { DEPTH } from "../analysis/depth_parameters.ts";
import { FUNCTION_FLAGS, type ModulePlan } from "../analysis/plan.ts";
import type { StackPlan } from "../analysis/stack_plan.ts";
import type { FunctionBody } from "../wasm/module.ts";
import { I32 } from "../wasm/types.ts";

/** What decides how frames are counted and calls are written. */
export interface FrameOptions {
  readonly plan: ModulePlan;
  readonly stack: StackPlan;
  /** The function that direct calls reach, by body: its own or, where that is for calls from outside, an added one. */
  readonly targets: ReadonlyMap<number, number>;
}

/** The frame of one function body. */
export class Frame {
  /** Bytes; 0 where it is not counted. */
  readonly #bytes: number;
  /** The site at which it is counted. */
  readonly site: number;
  /** Locals: the depth that the caller passed; with this frame; the global at the entry; the sum. -1 for none. */
  readonly #parameter: number;
  readonly #depth: number;
  readonly #base: number;
  readonly #sum: number;

  constructor(
    readonly context: CodeContext,
    readonly options: FrameOptions,
    of: { index: number; body: FunctionBody; params: number; addLocal: () => number },
  ) {
    const { plan, stack } = options, { index, body, params, addLocal } = of;
    const counted = stack.counted[index] === 1, takes = plan.depth[index] !== DEPTH.published;
    this.#bytes = counted ? stack.frame[index] ?? 0 : 0;
    this.#parameter = takes ? params : -1;
    this.#depth = !takes ? -1 : body.localCount === 0 ? params : addLocal();
    const handles = ((plan.flags[index] ?? 0) & FUNCTION_FLAGS.hasHandler) !== 0;
    const keeps = counted && (handles || this.#publishes(index));
    this.site = (stack.late[index] === 1 ? plan.entrySite[index] : undefined) ?? plan.bodySites[index] ?? 0;
    this.#base = keeps ? addLocal() : -1;
    this.#sum = keeps ? addLocal() : -1;
  }

  get counted(): boolean {
    return this.#bytes !== 0;
  }

  #publishes(index: number): boolean {
    const { plan } = this.options;
    if (((plan.flags[index] ?? 0) & FUNCTION_FLAGS.callsUnknown) !== 0) return true;
    for (let call = plan.bodyCallees[index] ?? 0; call < (plan.bodyCallees[index + 1] ?? 0); call++) {
      if (this.#mustPublish(this.#callee(call))) return true;
    }
    return false;
  }

  /** The body that a call leads to, by its place in the plan's list. */
  #callee(call: number): number {
    return (this.options.plan.callees[call] ?? 0) - this.context.module.imported.function;
  }

  #mustPublish(callee: number): boolean {
    const { plan, stack } = this.options;
    return plan.depth[callee] === DEPTH.published && stack.reaches[callee] === 1;
  }

  /** Comes first in the body: frees the place of the guest's local. */
  receive(writer: CodeWriter): void {
    if (this.#parameter === this.#depth) return;
    indexed(writer, CODE.localGet, this.#parameter);
    indexed(writer, CODE.localSet, this.#depth);
    i32Const(writer, 0);
    indexed(writer, CODE.localSet, this.#parameter);
  }

  /** Counts the frame. */
  enter(writer: CodeWriter): void {
    const { stackUsed, stackCap } = this.context.counters.indices;
    if (this.#depth >= 0) {
      indexed(writer, CODE.localGet, this.#depth);
      i32Const(writer, this.#bytes);
      writer.u8(CODE.i32Add);
      indexed(writer, CODE.localTee, this.#depth);
    } else i32Const(writer, this.#bytes);
    indexed(writer, CODE.globalGet, stackUsed);
    if (this.#base >= 0) indexed(writer, CODE.localTee, this.#base);
    writer.u8(CODE.i32Add);
    if (this.#sum >= 0) indexed(writer, CODE.localTee, this.#sum);
    indexed(writer, CODE.globalGet, stackCap);
    writer.u8(CODE.i32GtU);
    writer.unlikelyBranch(CODE.if);
    writer.u8(EMPTY_BLOCK);
    this.#pushDepth(writer);
    indexed(writer, CODE.call, overflowFunction(this.context));
    writer.u8(CODE.end);
  }

  #pushDepth(writer: CodeWriter): void {
    if (this.#depth >= 0) indexed(writer, CODE.localGet, this.#depth);
    else i32Const(writer, this.#bytes);
  }

  /** Whether the call at that place in the plan's list, -1 for an unknown function, is written as it was. */
  leavesAlone(call: number): boolean {
    if (call < 0) return !this.counted;
    const callee = this.#callee(call);
    return this.options.plan.depth[callee] === DEPTH.published &&
      !(this.counted && this.#mustPublish(callee));
  }

  /**
   * Writes a call.
   *
   * @param call place in the plan's list, -1 for an unknown function
   * @param instruction the call as it was
   * @param mark is called before the call itself is written
   */
  call(writer: CodeWriter, call: number, instruction: Uint8Array, mark: () => void): void {
    const tail = instruction[0] !== CODE.call && instruction[0] !== CODE.callIndirect &&
      instruction[0] !== CODE.callRef;
    const callee = call < 0 ? -1 : this.#callee(call);
    if (callee >= 0 && this.options.plan.depth[callee] !== DEPTH.published) {
      if (tail) i32Const(writer, 0); // this frame is gone by then, and it was told no depth
      else this.#pushDepth(writer);
      mark();
      writer.u8(instruction[0] ?? 0);
      writer.u32(this.options.targets.get(callee) ?? callee + this.context.module.imported.function);
      return;
    }
    const { stackUsed } = this.context.counters.indices;
    const publish = this.counted && !tail && (callee < 0 || this.#mustPublish(callee));
    if (publish) {
      indexed(writer, CODE.localGet, this.#sum);
      indexed(writer, CODE.globalSet, stackUsed);
    }
    mark();
    writer.bytes(instruction);
    if (publish) this.#takeBack(writer);
  }

  #takeBack(writer: CodeWriter): void {
    indexed(writer, CODE.localGet, this.#base);
    indexed(writer, CODE.globalSet, this.context.counters.indices.stackUsed);
  }

  /** Sets the global right in a handler: frames below this one may have ended without taking back what they published. */
  restore(writer: CodeWriter): void {
    if (!this.counted) return;
    indexed(writer, CODE.localGet, this.#base);
    indexed(writer, CODE.localGet, this.#sum);
    indexed(writer, CODE.call, restoreFunction(this.context));
  }
}

/** The function `(depth) -> ()` that calls the stack hook with the true depth in the global. */
function overflowFunction(context: CodeContext): number {
  return context.additions.function("overflow", () => {
    const { counters, additions } = context, { stackUsed } = counters.indices, writer = new CodeWriter();
    const depth = 0, before = 1;
    writer.u32(1);
    writer.u32(1);
    writer.u8(I32);
    indexed(writer, CODE.globalGet, stackUsed);
    indexed(writer, CODE.localTee, before);
    indexed(writer, CODE.localGet, depth);
    writer.u8(CODE.i32Add);
    indexed(writer, CODE.globalSet, stackUsed);
    counters.callHook(writer, HOOKS.stack);
    indexed(writer, CODE.localGet, before);
    indexed(writer, CODE.globalSet, stackUsed);
    writer.u8(CODE.end);
    return { type: additions.type([I32], []), code: writer };
  });
}

/**
 * The function `(base, sum) -> ()` that sets the global to `base`. Where frames of other modules may have been unwound,
 * which only the host's side can see, it calls the hook for that, with the true depth in the global.
 */
function restoreFunction(context: CodeContext): number {
  return context.additions.function("restore", () => {
    const { counters, additions } = context, { stackUsed, stackShared } = counters.indices;
    const writer = new CodeWriter(), base = 0, sum = 1;
    writer.u32(0); // no locals
    indexed(writer, CODE.globalGet, stackShared);
    writer.unlikelyBranch(CODE.if);
    writer.u8(EMPTY_BLOCK);
    indexed(writer, CODE.localGet, sum);
    indexed(writer, CODE.globalSet, stackUsed);
    counters.callHook(writer, HOOKS.unwound);
    writer.u8(CODE.end);
    indexed(writer, CODE.localGet, base);
    indexed(writer, CODE.globalSet, stackUsed);
    writer.u8(CODE.end);
    return { type: additions.type([I32, I32], []), code: writer };
  });
}
