/**
 * The functions that are on the guest's stack, and what each of them consumes.
 *
 * Charges are where instrumentation put them, so that nothing is charged otherwise because somebody watches; but what is
 * owed goes from function to function before it is paid. So what counts is
 *
 *     consumed + what all frames owe
 *
 * which rises by what the code of the innermost function charges, and by nothing else. What callers charge for a function
 * is counted to it when it begins. What was owed when the guest trapped was never charged: it is taken back.
 */
import type { WatchedPlace } from "../run/watcher.ts";
import type { WatchedModule } from "./watched_module.ts";
import type { Instance } from "../run/instance.ts";

/** How a function ended. */
export type FrameEnd = "returned" | "replaced" | "unwound" | "stopped";

/** A function on the stack. */
export interface StackFrame {
  readonly instance: Instance;
  readonly module: WatchedModule;
  readonly body: number;
  /** Address of its frame. */
  readonly fp: number;
  /** What the frames below it owe while it runs. */
  readonly held: bigint;
  /** Fuel when it began. */
  readonly start: bigint;
}

/** Is told what happens. */
export interface StackListener {
  /** @param frame the function that consumed it; undefined where none that is watched was on the stack */
  charged(frame: StackFrame | undefined, units: bigint): void;
  entered(frame: StackFrame): void;
  /** @param units fuel that it and what it called consumed */
  left(frame: StackFrame, end: FrameEnd, units: bigint): void;
}

export interface StackOptions {
  readonly listener: StackListener;
  /** Fuel that the sandbox has consumed. */
  readonly consumed: () => bigint;
  /** The word at an address of the machine. */
  readonly word: (address: number) => number;
  readonly moduleOf: (instance: Instance) => WatchedModule | undefined;
}

export class CallStack {
  readonly frames: StackFrame[] = [];
  readonly #options: StackOptions;
  /** Consumed and owed, when it was looked at last. */
  #last: bigint;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#last = options.consumed();
  }

  get top(): StackFrame | undefined {
    return this.frames.at(-1);
  }

  /** A function has begun. @returns its frame, undefined for one that is not watched */
  enter({ instance, pc, fp }: WatchedPlace): StackFrame | undefined {
    const { moduleOf, listener } = this.#options, module = moduleOf(instance);
    if (module === undefined) return undefined;
    const body = module.bodyAt(pc - instance.code >> 2), { data } = module;
    // A frame in the same place has made a tail call.
    const inner = this.top, caller = this.frames.findLast((frame) => frame.fp < fp);
    const held = (caller?.held ?? 0n) + this.#owedBy(caller);
    const at = data.owedAtStart[body] ?? -1, passed = at < 0 ? 0n : this.#units(fp + at);
    // What a watched function passes to another, it does not owe any more until that returns.
    const handed = at >= 0 && caller !== undefined && this.#isCalledBy(caller, { instance, module, body, fp })
      ? this.#owedBy(caller)
      : 0n;
    this.#charge(inner, held - handed + passed);
    while (this.top !== undefined && this.top.fp >= fp) this.#close("replaced");
    const units = BigInt(data.atCallers[body] ?? 0);
    const frame: StackFrame = {
      instance,
      module,
      body,
      fp,
      held: held - handed,
      start: this.#last - units,
    };
    this.frames.push(frame);
    listener.entered(frame);
    if (units !== 0n) {
      listener.charged(inner, -units);
      listener.charged(frame, units);
    }
    return frame;
  }

  /** The innermost function ends, and its results are there. */
  leave({ fp }: WatchedPlace): void {
    while (this.top !== undefined && this.top.fp > fp) this.#close("unwound");
    const frame = this.top;
    if (frame === undefined || frame.fp !== fp) return;
    const at = frame.module.data.owedAtEnd[frame.body] ?? -1;
    this.#charge(frame, frame.held + (at < 0 ? 0n : this.#units(fp + at)));
    this.#close("returned");
  }

  /** An exception is caught in the frame at an address. */
  unwind(fp: number): void {
    this.#drop(fp + 1, "unwound");
  }

  /** Frames from an address on have ended without returning. */
  fail(fp: number): void {
    this.#drop(fp, "stopped");
  }

  #drop(from: number, end: FrameEnd): void {
    const inner = this.top, to = this.frames.findLast(({ fp }) => fp < from);
    this.#charge(inner, (to?.held ?? 0n) + this.#owedBy(to));
    while (this.top !== undefined && this.top.fp >= from) this.#close(end);
  }

  /** Consumed and owed, at this moment. */
  look(): bigint {
    const { top } = this;
    this.#charge(top, (top?.held ?? 0n) + this.#owedBy(top));
    return this.#last;
  }

  #close(end: FrameEnd): void {
    const frame = this.frames.pop();
    if (frame !== undefined) this.#options.listener.left(frame, end, this.#last - frame.start);
  }

  #charge(frame: StackFrame | undefined, owed: bigint): void {
    const now = this.#options.consumed() + owed, units = now - this.#last;
    this.#last = now;
    if (units !== 0n) this.#options.listener.charged(frame, units);
  }

  #owedBy(frame: StackFrame | undefined): bigint {
    const at = frame?.module.data.owed[frame.body] ?? -1;
    return frame === undefined || at < 0 ? 0n : this.#units(frame.fp + at);
  }

  #units(address: number): bigint {
    return BigInt(this.#options.word(address) >>> 0);
  }

  /** Whether code of the caller itself has called a function, rather than what stands between for calls from outside. */
  #isCalledBy(
    caller: StackFrame,
    { instance, module, body, fp }: {
      readonly instance: Instance;
      readonly module: WatchedModule;
      readonly body: number;
      readonly fp: number;
    },
  ): boolean {
    const saved = fp + (module.data.locals[body] ?? 0) - 8;
    const position = (this.#options.word(saved) - instance.code >> 2) - 1;
    return caller.instance === instance && position > 0 && module.bodyAt(position) === caller.body;
  }
}
