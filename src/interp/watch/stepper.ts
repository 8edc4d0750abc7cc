/**
 * Runs a guest some instructions at a time. Between two of them it stands still, and whoever steps it looks at its frames
 * and its memory.
 */
import { CallStack, type StackFrame } from "./call_stack.ts";
import { NameFilter } from "./name_filter.ts";
import { NO_STEPS, type TraceOptions } from "./trace.ts";
import type { TypedPlace } from "./watched_module.ts";
import { readValue, type WatchedValue } from "./watched_value.ts";
import { bytesOf } from "../owned_layout.ts";
import type { WatchedPlace, Watcher } from "../run/watcher.ts";

/** Locals, and operands, of one frame that are told. */
const MOST_VALUES = 256;

/** Frames that are told. */
const MOST_FRAMES = 64;

/** Why the guest stands still: so many instructions were stepped, a function was entered, a function was left. */
export type StopReason = "step" | "breakpoint" | "left";

/** A function on the stack of a guest that stands still. */
export interface WatchedFrame {
  readonly functionIndex: number;
  readonly functionName: string;
  /** In the original module, of the instruction that comes next; in callers, of the call. */
  readonly offset: number;
  /** That instruction, as text. */
  readonly text: string;
  /** Parameters and locals; at most 256 are told. */
  readonly locals: readonly WatchedValue[];
  readonly localCount: number;
  /** Operands, the top last; at most the uppermost 256 are told, and of callers none that they have passed on. */
  readonly operands: readonly WatchedValue[];
  readonly operandCount: number;
}

/** Where a guest stands still. */
export interface StandingPlace {
  readonly functionIndex: number;
  readonly functionName: string;
  /** Of the instruction that comes next, in the original module. */
  readonly offset: number;
  readonly text: string;
}

/** How the guest goes on. */
export type Go =
  /** So many instructions, of whatever functions. */
  | { readonly go: "step"; readonly count: number }
  /** To the next instruction of this function, or of its caller: functions that it calls run through. */
  | { readonly go: "over" }
  /** Until this function has returned. */
  | { readonly go: "out" }
  /** To a breakpoint. */
  | { readonly go: "continue" };

/** The guest stands still: says how it goes on. What this throws ends the guest's code. */
export type Halt = (reason: StopReason) => Go;

export class Stepper implements Watcher {
  readonly #options: Pick<TraceOptions, "store" | "consumed" | "moduleOf">;
  readonly #halt: Halt;
  readonly #stack: CallStack;
  /** Instructions to the next stop. */
  steps = 1;
  /** Left of what was asked for. */
  #left = 1;
  /** Stops at the next instruction when no more frames than these are there; Infinity for none that is waited for. */
  #until = Infinity;
  #reason: StopReason = "step";
  /** Why it stops when a function has returned. */
  #fallen: StopReason = "step";
  #breakpoints: NameFilter | undefined;
  /** The place at which the guest stands. */
  #place: WatchedPlace | undefined;

  constructor(options: Pick<TraceOptions, "store" | "consumed" | "moduleOf">, halt: Halt) {
    const { store, consumed, moduleOf } = options;
    this.#options = options;
    this.#halt = halt;
    this.#stack = new CallStack({
      listener: { charged: () => {}, entered: (frame) => this.#began(frame), left: () => {} },
      consumed,
      moduleOf,
      word: (address) => store.machine.word(address),
    });
  }

  /** Stops at the first instruction of each of these functions. @param pattern as for {@linkcode NameFilter}; empty for none */
  breakAt(pattern: string): void {
    this.#breakpoints = pattern === "" ? undefined : new NameFilter(pattern);
  }

  /** Fuel that was consumed, with what is owed. */
  get fuel(): bigint {
    return this.#stack.look();
  }

  stepped(place: WatchedPlace): void {
    if (this.#reason === "step" && this.#until === Infinity && --this.#left > 0) return;
    this.#place = place;
    const go = this.#halt(this.#reason), depth = this.#stack.frames.length;
    this.#reason = this.#fallen = "step";
    this.#until = Infinity;
    this.#left = go.go === "step" ? Math.max(1, go.count) : NO_STEPS;
    this.steps = 1;
    if (go.go === "over") this.#until = depth;
    if (go.go === "out") {
      this.#until = depth - 1;
      this.#fallen = "left";
      this.steps = NO_STEPS;
    }
    if (go.go === "continue") this.steps = NO_STEPS;
  }

  entered(place: WatchedPlace): void {
    this.#stack.enter(place);
    if (this.#until < this.#stack.frames.length && this.#reason !== "breakpoint") this.steps = NO_STEPS;
  }

  #began({ module, body }: StackFrame): void {
    if (this.#breakpoints?.has(module, module.functionOf(body)) !== true) return;
    this.#reason = "breakpoint";
    this.steps = 1;
  }

  left(place: WatchedPlace): void {
    this.#stack.leave(place);
    this.#fell();
  }

  failed(fp: number): void {
    this.#stack.fail(fp);
  }

  unwound(fp: number): void {
    this.#stack.unwind(fp);
    this.#fell();
  }

  #fell(): void {
    if (this.#until < this.#stack.frames.length || this.#until === Infinity) return;
    if (this.#reason !== "breakpoint") this.#reason = this.#fallen;
    this.steps = 1;
  }

  calling(): void {}

  returned(): void {}

  /** Where the guest stands. */
  get standing(): StandingPlace | undefined {
    const place = this.#place, frame = this.#stack.top;
    if (place === undefined || frame === undefined) return undefined;
    const { module, body } = frame, functionIndex = module.functionOf(body);
    const stop = module.stopAt(place.pc - place.instance.code >> 2),
      offset = module.data.stopOffsets[stop] ?? 0;
    return {
      functionIndex,
      functionName: module.nameOf(functionIndex),
      offset,
      text: module.textAt(offset),
    };
  }

  /** The functions on the stack, innermost first; at most 64 are told. */
  frames(): WatchedFrame[] {
    const place = this.#place, found: WatchedFrame[] = [];
    if (place === undefined) return found;
    let position = place.pc - place.instance.code >> 2;
    for (const frame of this.#stack.frames.toReversed().slice(0, MOST_FRAMES)) {
      found.push(this.#describe(frame, position, found.length === 0));
      position = this.#callOf(frame);
    }
    return found;
  }

  /** The position of the call that made a frame; one of no body where the caller is of another module. */
  #callOf({ instance, module, body, fp }: StackFrame): number {
    const { machine } = this.#options.store, saved = fp + (module.data.locals[body] ?? 0) - 8;
    const before = (at: number) => (machine.word(at) - instance.code >> 2) - 1;
    const position = before(saved);
    if (position < 0 || module.bodyAt(position) >= 0) return position;
    // A function that was added stands between, of the same type as the original.
    const { params, results } = module.typeOf(module.functionOf(body));
    return before(machine.word(saved + 4) + Math.max(bytesOf(params), bytesOf(results)));
  }

  #describe(frame: StackFrame, position: number, inner: boolean): WatchedFrame {
    const { module, body, fp } = frame, { store } = this.#options, functionIndex = module.functionOf(body);
    // Between a caller and what it calls may stand code that was added, or another module.
    const here = module.bodyAt(position) === body ? module.stopAt(position) : -1;
    const offset = here < 0 ? 0 : module.data.stopOffsets[here] ?? 0;
    const { count, operands } = here < 0 || !inner
      ? { count: 0, operands: [] }
      : module.operands(body, here, MOST_VALUES);
    const read = ({ type, at }: TypedPlace) => readValue(store, type, fp + at);
    return {
      functionIndex,
      functionName: module.nameOf(functionIndex),
      offset,
      text: here < 0 ? "" : module.textAt(offset),
      locals: module.locals(body, MOST_VALUES).map(read),
      localCount: module.localCount(body),
      operands: operands.map(read).reverse(),
      operandCount: count,
    };
  }

  /** Bytes of a memory of the instance in which the guest stands; undefined where they lie outside. */
  memory(index: number, offset: number, length: number): Uint8Array | undefined {
    const memory = this.#place?.instance.memories[index];
    if (memory === undefined || offset + length > memory.buffer.byteLength) return undefined;
    return new Uint8Array(memory.buffer, offset, length);
  }
}
