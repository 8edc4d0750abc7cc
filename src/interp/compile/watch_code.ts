/**
 * Code that can be watched: it leaves the core where a function begins and ends and, if wanted, before each instruction.
 * Then every operand lies in its own place. Instructions that instrumentation added are run as they are: they are no part
 * of what a person wrote.
 */
import { IntList } from "./code_buffer.ts";
import { EMITTED } from "./emitted.ts";
import type { FunctionCompiler } from "./function_compiler.ts";
import { PROBE } from "../machine_layout.ts";
import { bytesOf } from "../owned_layout.ts";
import { PASS, passedCount } from "../../analysis/passed_counters.ts";
import type { InstructionReader } from "../../wasm/instructions.ts";

/** How closely code can be watched. */
export type WatchLevel = "functions" | "instructions";

/** What the compiler is told of a module that is to be watched. */
export interface WatchOptions {
  readonly level: WatchLevel;
  /** The bytes of the module before it was instrumented. */
  readonly original: Uint8Array<ArrayBuffer>;
  /** By original body: index of the function that has its code. */
  readonly functions: Int32Array;
  /** By original body: the local in which it keeps what is owed; -1 for none. */
  readonly owed: Int32Array;
  /** By original body: bits of `PASS`. */
  readonly passed: Uint8Array;
  /** By original body: units that its callers charge for it. */
  readonly atCallers: Float64Array;
  /** The offset in the original of the instruction at an offset; undefined for one that was added. */
  readonly originalOf: (offset: number) => number | undefined;
}

/** What is known of code that can be watched. Places are bytes from the start of a frame, -1 for none. */
export interface WatchData {
  readonly level: WatchLevel;
  readonly original: Uint8Array<ArrayBuffer>;
  /** By body: the body of the original whose code it has; -1 for one that was added. Other lists go by that. */
  readonly originals: Int32Array;
  /** Where locals begin that are no parameters. */
  readonly locals: Int32Array;
  /** Parameters that were added. */
  readonly passed: Uint8Array;
  readonly operands: Int32Array;
  /** Where what is owed is when the function begins, … */
  readonly owedAtStart: Int32Array;
  /** … while it runs, … */
  readonly owed: Int32Array;
  /** … and when it has ended. */
  readonly owedAtEnd: Int32Array;
  readonly atCallers: Float64Array;
  /** Positions before instructions, ascending, and their offsets in the original. */
  readonly stopPositions: Int32Array;
  readonly stopOffsets: Int32Array;
  /** Operands there, with those that were added for a call, and the place behind them. */
  readonly stopHeights: Int32Array;
  readonly stopTops: Int32Array;
}

const NONE = -1;

function places(count: number): Int32Array {
  return new Int32Array(count).fill(NONE);
}

export class WatchCode {
  readonly #options: WatchOptions;
  readonly #originals: Int32Array;
  readonly #positions = new IntList();
  readonly #offsets = new IntList();
  readonly #heights = new IntList();
  readonly #tops = new IntList();
  readonly #locals: Int32Array;
  readonly #operands: Int32Array;
  readonly #owedAtStart: Int32Array;
  readonly #owed: Int32Array;
  readonly #owedAtEnd: Int32Array;
  /** The original body whose code is compiled; -1 while it is other code. */
  #body = NONE;

  /** @param bodies of the instrumented module @param imported functions of it */
  constructor(options: WatchOptions, module: { readonly bodies: number; readonly imported: number }) {
    this.#options = options;
    this.#originals = places(module.bodies);
    for (const [body, index] of options.functions.entries()) this.#originals[index - module.imported] = body;
    const count = options.functions.length;
    this.#locals = places(count);
    this.#operands = places(count);
    this.#owedAtStart = places(count);
    this.#owed = places(count);
    this.#owedAtEnd = places(count);
  }

  /** Says which body is compiled next; -1 for code that is none. */
  next(place: number): void {
    this.#body = this.#originals[place] ?? NONE;
  }

  /** Whether the code that is compiled is watched. */
  get active(): boolean {
    return this.#body !== NONE;
  }

  /** The frame is laid out, and nothing has run. */
  enter(compiler: FunctionCompiler): void {
    const body = this.#body;
    if (body === NONE) return;
    const { stack, localAt, saved, type } = compiler, bits = this.#options.passed[body] ?? 0;
    const owed = this.#options.owed[body] ?? NONE, params = type.params.length - passedCount(bits);
    this.#locals[body] = saved + 8;
    this.#operands[body] = stack.top;
    if (owed >= 0) this.#owed[body] = localAt[owed] ?? NONE;
    if (bits & PASS.owed) {
      this.#owedAtStart[body] = localAt[params + (bits & PASS.depth ? 1 : 0)] ?? NONE;
      this.#owedAtEnd[body] = bytesOf(type.results) - 8;
    }
    compiler.code.emit2(EMITTED.probe, PROBE.enter);
  }

  /** Results lie at the start of the frame. */
  leave(compiler: FunctionCompiler): void {
    if (this.active) compiler.code.emit2(EMITTED.probe, PROBE.leave);
  }

  /** Before an instruction is compiled. */
  instruction(compiler: FunctionCompiler, reader: InstructionReader): void {
    if (this.#body === NONE || this.#options.level !== "instructions") return;
    const offset = this.#options.originalOf(reader.offset);
    if (offset === undefined) return;
    const { stack, code } = compiler;
    stack.placeAll();
    this.#positions.push(code.position);
    this.#offsets.push(offset);
    this.#heights.push(stack.height);
    this.#tops.push(stack.top);
    code.emit1(EMITTED.step);
    compiler.last = NONE; // what comes next is not joined with what was before
  }

  taken(): WatchData {
    const { level, original, atCallers, passed } = this.#options;
    return {
      level,
      original,
      originals: this.#originals,
      locals: this.#locals,
      passed: passed.map(passedCount),
      operands: this.#operands,
      owedAtStart: this.#owedAtStart,
      owed: this.#owed,
      owedAtEnd: this.#owedAtEnd,
      atCallers,
      stopPositions: this.#positions.taken(),
      stopOffsets: this.#offsets.taken(),
      stopHeights: this.#heights.taken(),
      stopTops: this.#tops.taken(),
    };
  }
}
