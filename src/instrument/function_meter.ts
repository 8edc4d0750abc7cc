/**
 * The code by which one function counts its frame and what it owes. The bytes of counted frames on the stack are
 *
 *     the stack global + the depth that is passed by a parameter
 *
 * A function adds its own frame to the depth it is passed, compares, and passes the sum on to functions that take it.
 * Around calls of others it stands in the global. So a call between two functions that pass it changes no memory, and
 * nothing has to be undone where the frame ends.
 *
 * What is owed is in a local, and paid before code runs that knows nothing of it: before calls of functions that are not
 * passed it, before the function throws, and at its end unless it returns it.
 */
import type { CodeContext } from "./additions.ts";
import { CODE, EMPTY_BLOCK, i32Const, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { HOOKS } from "./layout.ts";
import { payFunction } from "./pay_function.ts";
import { LIGHT } from "../analysis/light_functions.ts";
import { PASS, passedCount } from "../analysis/passed_counters.ts";
import { FUNCTION_FLAGS, type ModulePlan, MOST_OWED } from "../analysis/plan.ts";
import type { StackPlan } from "../analysis/stack_plan.ts";
import type { FunctionBody } from "../wasm/module.ts";
import { I32, type ValueType } from "../wasm/types.ts";

/** What decides how functions are metered and calls are written. */
export interface MeterOptions {
  readonly plan: ModulePlan;
  readonly stack: StackPlan;
  /** The function that direct calls reach, by body: its own or, where that is for calls from outside, an added one. */
  readonly targets: ReadonlyMap<number, number>;
  /** Whether locals can be looked at between any two instructions, ours included. @default false */
  readonly exactLocals?: boolean | undefined;
}

/** Payments in one function that need no test: what comes between two of them is less than {@linkcode MOST_OWED}. */
const MOST_UNTESTED_PAYMENTS = 64;

/** A parameter, and the local that its value is kept in: the same, unless the place is that of a local of the guest's. */
interface Passed {
  readonly parameter: number;
  readonly local: number;
}

/** What the meter of a body needs to know of it. */
export interface MeteredBody {
  readonly index: number;
  readonly body: FunctionBody;
  /** Number of its parameters. */
  readonly params: number;
}

export class FunctionMeter {
  /** The local that holds what is owed, -1 where nothing is. */
  readonly owed: number;
  /** What is owed is returned. */
  readonly returnsOwed: boolean;
  /** The site at which the frame is counted, -1 if it is not. */
  readonly frameSite: number;
  /** Bytes of the frame; 0 where it is not counted. */
  readonly #bytes: number;
  /** What it is passed may be paid in it, untested. */
  readonly #settles: boolean;
  /** There are so many calls that something is paid for that the counter is tested at each. */
  readonly #testsSettled: boolean;
  /** The counter is tested where the function ends. */
  readonly #testsEnd: boolean;
  readonly #passed: readonly Passed[];
  /** Locals: the depth with this frame; the global at the entry; the sum of both. -1 for none. */
  readonly #depth: number;
  readonly #base: number;
  readonly #sum: number;
  /** What was owed was paid before the last call, and nothing was charged since. */
  #settled = false;

  constructor(
    readonly context: CodeContext,
    readonly options: MeterOptions,
    of: MeteredBody & { readonly addLocal: () => number },
  ) {
    const { plan, stack } = options, { index, body, params, addLocal } = of;
    const flags = plan.flags[index] ?? 0, bits = plan.passed[index] ?? 0;
    const counted = stack.counted[index] === 1;
    const passed: Passed[] = [];
    const pass = () => {
      const place = passed.length, parameter = params + place;
      const local = place < body.localCount ? addLocal() : parameter;
      passed.push({ parameter, local });
      return local;
    };
    this.#depth = (bits & PASS.depth) !== 0 ? pass() : -1;
    this.returnsOwed = (bits & PASS.owed) !== 0;
    this.owed = this.returnsOwed ? pass() : (flags & FUNCTION_FLAGS.owes) !== 0 ? addLocal() : -1;
    this.#passed = passed;
    const settling = this.owed < 0 ? 0 : this.#countCalls(index, (callee) => this.#mustSettle(callee));
    this.#settles = settling > 0 || this.#countCalls(index, (callee) => this.#chargesItself(callee)) > 0;
    this.#testsSettled = settling > MOST_UNTESTED_PAYMENTS;
    this.#testsEnd = (flags & FUNCTION_FLAGS.testsEnd) !== 0;
    this.#bytes = counted ? stack.frame[index] ?? 0 : 0;
    const site = stack.late[index] === 1 ? plan.entrySite[index] : plan.bodySites[index];
    this.frameSite = counted ? site ?? -1 : -1;
    const keeps = counted &&
      ((flags & FUNCTION_FLAGS.hasHandler) !== 0 ||
        this.#countCalls(index, (callee) => this.#mustPublish(callee)) > 0);
    this.#base = keeps ? addLocal() : -1;
    this.#sum = keeps ? addLocal() : -1;
  }

  get #counted(): boolean {
    return this.#bytes !== 0;
  }

  /** How many calls of the body lead to a function of which something is true; -1 stands for those that are not known. */
  #countCalls(index: number, is: (callee: number) => boolean): number {
    const { plan } = this.options;
    let count = is(-1) ? plan.compile.unknownCalls[index] ?? 0 : 0;
    for (let call = plan.bodyCallees[index] ?? 0; call < (plan.bodyCallees[index + 1] ?? 0); call++) {
      if (is(this.#callee(call))) count++;
    }
    return count;
  }

  #chargesItself(callee: number): boolean {
    return callee >= 0 && this.options.plan.light[callee] === LIGHT.chargesItself;
  }

  /** The body that a call leads to, by its place in the plan's list; -1 if it is not known. */
  #callee(call: number): number {
    return call < 0 ? -1 : (this.options.plan.callees[call] ?? 0) - this.context.module.imported.function;
  }

  #passedTo(callee: number): number {
    return callee < 0 ? 0 : this.options.plan.passed[callee] ?? 0;
  }

  #mustPublish(callee: number): boolean {
    if (callee < 0) return true;
    return (this.#passedTo(callee) & PASS.depth) === 0 && this.options.stack.reaches[callee] === 1;
  }

  /** Whether what is owed must be paid before such a call: what is called does not take it, and has tests of its own. */
  #mustSettle(callee: number): boolean {
    return this.owed >= 0 && (this.#passedTo(callee) & PASS.owed) === 0 &&
      (callee < 0 || this.options.plan.light[callee] === LIGHT.no);
  }

  /** At a site behind which something may be owed again. */
  unsettle(): void {
    this.#settled = false;
  }

  /**
   * Comes first in the body: frees the places of the guest's locals.
   *
   * @param isRead whether the local of that index may be read before it is written, so that it must begin with 0
   */
  receive(writer: CodeWriter, isRead: (local: number) => boolean): void {
    for (const { parameter, local } of this.#passed) {
      if (parameter === local) continue;
      indexed(writer, CODE.localGet, parameter);
      indexed(writer, CODE.localSet, local);
      if (!isRead(parameter)) continue;
      i32Const(writer, 0);
      indexed(writer, CODE.localSet, parameter);
    }
  }

  /** Charges `units`, and tests at the function's entry. */
  test(writer: CodeWriter, units: number): void {
    const { counters } = this.context;
    if (this.returnsOwed) this.turn(writer, units, this.#settles);
    else {
      this.charge(writer, units);
      counters.test(writer);
    }
  }

  /**
   * Charges `units`, and pays if too much is owed.
   *
   * @param settles whether what is owed is paid elsewhere, untested, so that the counter is tested, too
   */
  turn(writer: CodeWriter, units: number, settles: boolean): void {
    if (units > MOST_OWED) {
      this.charge(writer, units);
      return this.turn(writer, 0, settles);
    }
    const pay = payFunction(this.context);
    this.context.counters.payIfDue(writer, this.owed, { units, orFuel: settles, pay });
  }

  /** Charges `units`; more than may be owed is paid at once. */
  charge(writer: CodeWriter, units: number): void {
    const { counters } = this.context;
    if (this.owed >= 0 && units <= MOST_OWED) return counters.defer(writer, this.owed, units);
    counters.charge(writer, units);
    if (units > MOST_OWED) counters.test(writer);
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
    const callee = this.#callee(call);
    return this.#passedTo(callee) === 0 && !this.#mustSettle(callee) &&
      !(this.#counted && this.#mustPublish(callee));
  }

  /**
   * Writes a call.
   *
   * @param call place in the plan's list, -1 for an unknown function; the instruction as it was; what is called before
   * the instruction itself is written
   */
  call(
    writer: CodeWriter,
    { call, instruction, mark }: {
      readonly call: number;
      readonly instruction: Uint8Array;
      readonly mark: () => void;
    },
  ): void {
    const { counters } = this.context, { stackUsed } = counters.indices;
    const callee = this.#callee(call), passed = this.#passedTo(callee), opcode = instruction[0] ?? 0;
    const returns = opcode === CODE.call || opcode === CODE.callIndirect || opcode === CODE.callRef;
    // Before a tail call its site has seen to what is owed, and what was published is for the callers to take back.
    const settles = returns && this.#mustSettle(callee);
    if (settles && !this.#settled) {
      counters.settle(writer, this.owed);
      if (this.#testsSettled) counters.test(writer);
    }
    this.#settled = settles;
    const publishes = returns && this.#counted && this.#mustPublish(callee);
    if (publishes) {
      indexed(writer, CODE.localGet, this.#sum);
      indexed(writer, CODE.globalSet, stackUsed);
    }
    if (passed & PASS.depth) {
      if (returns) this.#pushDepth(writer);
      else i32Const(writer, 0); // this frame is gone by then, and it was passed no depth
    }
    const owes = (passed & PASS.owed) !== 0;
    if (owes && this.owed >= 0) indexed(writer, CODE.localGet, this.owed);
    else if (owes) i32Const(writer, 0); // the function is light, and the call does not come back
    mark();
    if (passed === 0) writer.bytes(instruction);
    else {
      writer.u8(opcode);
      writer.u32(this.options.targets.get(callee) ?? callee + this.context.module.imported.function);
    }
    if (owes && this.owed >= 0) indexed(writer, CODE.localSet, this.owed);
    else if (owes) writer.u8(CODE.drop);
    if (publishes) {
      indexed(writer, CODE.localGet, this.#base);
      indexed(writer, CODE.globalSet, stackUsed);
    }
  }

  /** Where the frame ends: with the results on the operand stack, or before a tail call. */
  leave(writer: CodeWriter): void {
    const { counters } = this.context;
    if (this.returnsOwed) {
      indexed(writer, CODE.localGet, this.owed);
      if (this.#testsEnd) {
        indexed(writer, CODE.call, payFunction(this.context)); // it tests the counter in any case
        if (this.options.exactLocals) indexed(writer, CODE.localTee, this.owed);
      }
    } else {
      if (this.owed >= 0 && this.options.exactLocals) counters.settle(writer, this.owed);
      else if (this.owed >= 0) counters.pay(writer, this.owed);
      if (this.#testsEnd) counters.test(writer);
    }
  }

  /** Before an instruction that throws. */
  throws(writer: CodeWriter): void {
    const { counters } = this.context;
    if (this.owed >= 0) counters.settle(writer, this.owed);
    counters.test(writer); // handlers of many frames may throw on
  }

  /** Sets the global right in a handler: frames below this one may have ended without taking back what they published. */
  restore(writer: CodeWriter): void {
    if (!this.#counted) return;
    indexed(writer, CODE.localGet, this.#base);
    indexed(writer, CODE.localGet, this.#sum);
    indexed(writer, CODE.call, restoreFunction(this.context));
  }
}

/**
 * Writes the function of the original type that calls from outside reach, where direct calls pass counters to another.
 *
 * @param of the body that the other function has
 */
export function writeEntry(
  writer: CodeWriter,
  context: CodeContext,
  options: MeterOptions,
  of: { readonly index: number; readonly params: number },
): void {
  const { counters } = context, { plan, stack, targets } = options, { index, params } = of;
  const bits = plan.passed[index] ?? 0, owed = params, units = plan.chargedAtCallers[index] ?? 0;
  const owes = (bits & PASS.owed) !== 0;
  writer.u32(owes ? 1 : 0); // groups of locals
  if (owes) {
    writer.u32(1);
    writer.u8(I32);
  } else counters.charge(writer, units);
  counters.test(writer);
  for (let param = 0; param < params; param++) indexed(writer, CODE.localGet, param);
  if (bits & PASS.depth) i32Const(writer, stack.entry[index] ?? 0);
  if (owes) i32Const(writer, units);
  indexed(writer, CODE.call, targets.get(index) ?? 0);
  if (owes) {
    indexed(writer, CODE.localSet, owed);
    counters.pay(writer, owed);
  }
  if (((plan.flags[index] ?? 0) & FUNCTION_FLAGS.testsEntryEnd) !== 0) counters.test(writer);
  writer.u8(CODE.end);
}

/** The parameters that direct calls pass beside those of the original type. */
export function passedTypes(bits: number): ValueType[] {
  return Array.from({ length: passedCount(bits) }, () => I32);
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
