/**
 * Where the check of one body or constant expression stands: operands, control frames, locals. One object serves all
 * bodies of a module, and nothing here allocates per instruction: stacks are typed arrays that double.
 *
 * The validation algorithm is that of the specification's appendix, section 7.3. The file is long because operands and
 * frames change together with almost every instruction.
 */
import { ModuleRefusedError } from "../../core/errors.ts";
import type { InstructionReader } from "../instructions.ts";
import type { CompositeType, FunctionType } from "../module.ts";
import { ROWS } from "../opcodes.ts";
import {
  BOTTOM,
  byteWidth,
  EXCEPTION_BYTES,
  formatType,
  heapOf,
  isAbstract,
  isExceptionRef,
  isRef,
  type ValueType,
} from "../types.ts";
import type { OperandView } from "./function_observer.ts";
import { invalid, type Subject } from "./invalid.ts";
import { Locals } from "./locals.ts";
import { EMPTY_TYPE, type ModuleContext } from "./module_context.ts";

/** Kinds of control frames. */
export const FRAME = {
  body: 0,
  block: 1,
  loop: 2,
  if: 3,
  else: 4,
  try: 5,
  catch: 6,
  catchAll: 7,
  tryTable: 8,
} as const;

/**
 * Operands that one function may pile up. No frame of more fits any stack that a guest can be given, and V8 keeps 16
 * bytes for each: two bytes of code that call a function of 1,000 results would otherwise take 16 KB.
 */
export const MAX_OPERANDS = 2 ** 20;

/**
 * Values that a module may declare as locals and move by type lists (parameters of calls, results of blocks …), and
 * some more for each of its bytes. Two bytes of code move 2,000 values, four declare 50,000 locals; V8 takes about a
 * nanosecond for each, here and when it validates, so that 2.4 MB would keep it busy for 17 s.
 */
const VALUES = 100_000_000;
const VALUES_PER_BYTE = 16;

function grown<T extends Int32Array | Uint8Array>(array: T, make: (length: number) => T): T {
  const longer = make(2 * array.length);
  longer.set(array);
  return longer;
}

export class CodeState implements OperandView {
  readonly locals = new Locals();
  subject: Subject = { kind: "function", index: 0 };
  /** Whether this is a constant expression. */
  isConstant = false;
  /** The type of the body: what `return` and tail calls give. */
  type: FunctionType = EMPTY_TYPE;

  /** Types of operands, the frames' own ones above those of the frames around them. */
  operands: Int32Array = new Int32Array(256);
  height = 0;
  /** Bytes of all operands by the stack's cost model, now and at most. */
  bytes = 0;
  maxBytes = 0;

  /** Frames open now; 0 past the last `end`. */
  depth = 0;
  /** Of the innermost frame: height at its start, and whether its rest is dead. */
  base = 0;
  dead = false;
  frameTypes: FunctionType[] = [];
  frameKinds: Uint8Array = new Uint8Array(64);
  #bases: Int32Array = new Int32Array(64);
  #deads: Uint8Array = new Uint8Array(64);
  #baseBytes: Int32Array = new Int32Array(64);
  #setCounts: Int32Array = new Int32Array(64);
  #values: number;

  constructor(readonly context: ModuleContext, readonly reader: InstructionReader) {
    this.#values = VALUES + VALUES_PER_BYTE * reader.bytes.length;
  }

  /** Begins a body or expression of this type, with its frame open. */
  begin(subject: Subject, type: FunctionType): void {
    this.subject = subject;
    this.type = type;
    this.height =
      this.base =
      this.bytes =
      this.maxBytes =
      this.depth =
        0;
    this.dead = false;
    this.frameTypes.length = 0;
    this.pushFrame(FRAME.body, type);
  }

  // Errors

  /** The error at the current instruction. */
  error(reason: string): Error {
    return invalid(this.subject, reason, this.reader.offset);
  }

  /** What the current instruction is called in messages. */
  mnemonic(): string {
    return ROWS[this.reader.key]?.mnemonic ?? "code";
  }

  mismatch(expected: string, found: ValueType): Error {
    return this.error(`${this.mnemonic()} expects ${expected}, found ${formatType(found)}`);
  }

  missing(expected: string): Error {
    return this.error(`${this.mnemonic()} expects ${expected}, found no operand in its block`);
  }

  /** The error of code that stops before its last `end`. */
  unfinished(): Error {
    return invalid(this.subject, `${this.depth} blocks are not closed by end`, this.reader.end);
  }

  // Operands

  typeAt(depth: number): ValueType {
    const at = this.height - 1 - depth;
    return this.dead && at < this.base ? BOTTOM : this.operands[at] ?? BOTTOM;
  }

  push(type: ValueType): void {
    if (this.height === this.operands.length) this.#growOperands();
    this.operands[this.height++] = type;
    this.bytes += byteWidth(type);
    if (this.bytes > this.maxBytes) this.maxBytes = this.bytes;
  }

  /** Takes the operand on top, of whatever type; BOTTOM where dead code has none. `expected` is for the message. */
  popAny(expected = "an operand"): ValueType {
    if (this.height === this.base) {
      if (this.dead) return BOTTOM;
      throw this.missing(expected);
    }
    const type = this.operands[--this.height] as number; // below the height
    this.bytes -= byteWidth(type);
    return type;
  }

  /** Takes an operand of this type or a subtype. */
  pop(expected: ValueType): void {
    if (this.height === this.base) {
      if (this.dead) return;
      throw this.missing(formatType(expected));
    }
    const type = this.operands[--this.height] as number; // below the height
    this.bytes -= byteWidth(type);
    if (type !== expected && !this.context.isSubtype(type, expected)) {
      throw this.mismatch(formatType(expected), type);
    }
  }

  /** Takes an operand of any reference type. */
  popRef(): ValueType {
    const type = this.popAny("a reference");
    if (type !== BOTTOM && !isRef(type)) throw this.mismatch("a reference", type);
    return type;
  }

  /** Takes operands of the first `count` of these types, the last of them on top. */
  popAll(types: readonly ValueType[], count = types.length): void {
    this.spend(count);
    for (let index = count - 1; index >= 0; index--) {
      if (this.dead && this.height === this.base) return;
      this.pop(types[index] as number); // below the length
    }
  }

  /** Takes a number of operands of one type. */
  popMany(type: ValueType, count: number): void {
    this.spend(count);
    for (let left = count; left > 0; left--) {
      if (this.dead && this.height === this.base) return;
      this.pop(type);
    }
  }

  pushAll(types: readonly ValueType[], count = types.length): void {
    this.spend(count);
    for (let index = 0; index < count; index++) this.push(types[index] as number); // below the length
  }

  /** Compares the operands on top with these types and leaves them as they are. */
  checkTop(types: readonly ValueType[]): void {
    this.spend(types.length);
    for (let index = types.length - 1, at = this.height - 1; index >= 0; index--, at--) {
      const expected = types[index] as number; // below the length
      if (at < this.base) {
        if (this.dead) return;
        throw this.missing(formatType(expected));
      }
      const type = this.operands[at] as number; // below the height
      if (!this.context.isSubtype(type, expected)) throw this.mismatch(formatType(expected), type);
    }
  }

  // Frames

  pushFrame(kind: number, type: FunctionType): void {
    const depth = this.depth++;
    if (depth === this.frameKinds.length) this.#growFrames();
    if (depth > 0) this.#deads[depth - 1] = this.dead ? 1 : 0;
    this.frameTypes[depth] = type;
    this.frameKinds[depth] = kind;
    this.#setCounts[depth] = this.locals.setCount;
    this.#bases[depth] = this.base = this.height;
    this.#baseBytes[depth] = this.bytes;
    this.dead = false;
  }

  /** Opens a block: its parameters come from the operands and become its own. */
  openBlock(kind: number, type: FunctionType): void {
    if (type.params.length === 0) return this.pushFrame(kind, type);
    this.popAll(type.params);
    this.pushFrame(kind, type);
    this.pushAll(type.params);
  }

  /** Checks that the innermost frame ends with its results and nothing else. */
  checkResults(): void {
    const { results } = this.frameType(0);
    if (results.length > 0) this.popAll(results);
    if (this.height !== this.base) {
      throw this.error(
        `${this.mnemonic()} finds ${this.height - this.base} operands more than the block gives`,
      );
    }
  }

  /** Starts another part of the innermost block, such as `else`, with the operands of its start. */
  restartFrame(kind: number): void {
    const depth = this.depth - 1;
    this.frameKinds[depth] = kind;
    this.locals.unsetAfter(this.#setCounts[depth] ?? 0);
    this.height = this.base;
    this.bytes = this.#baseBytes[depth] ?? 0;
    this.dead = false;
  }

  /** Counts the exception that an open clause of an old `try` keeps alive as an operand of that size. */
  keepException(): void {
    this.bytes += EXCEPTION_BYTES;
    if (this.bytes > this.maxBytes) this.maxBytes = this.bytes;
  }

  /** Closes the innermost frame, which ended well. */
  popFrame(): void {
    const depth = --this.depth;
    this.locals.unsetAfter(this.#setCounts[depth] ?? 0);
    this.height = this.base;
    this.bytes = this.#baseBytes[depth] ?? 0;
    if (depth === 0) return;
    this.base = this.#bases[depth - 1] ?? 0;
    this.dead = this.#deads[depth - 1] === 1;
  }

  /** What follows in this block is dead code. */
  markDead(): void {
    this.height = this.base;
    this.bytes = this.#baseBytes[this.depth - 1] ?? 0;
    this.dead = true;
  }

  /** The kind of the frame that a label names, counted from the innermost. */
  frameKind(label: number): number {
    return this.frameKinds[this.depth - 1 - label] ?? FRAME.body;
  }

  frameType(label: number): FunctionType {
    return this.frameTypes[this.depth - 1 - label] ?? EMPTY_TYPE;
  }

  /** The types that a branch to a label takes along. */
  labelTypes(label: number): readonly ValueType[] {
    if (label >= this.depth) {
      throw this.error(`${this.mnemonic()} names label ${label}, but only ${this.depth} are in scope`);
    }
    const type = this.frameType(label);
    return this.frameKind(label) === FRAME.loop ? type.params : type.results;
  }

  // Immediates

  /** Checks a type that stands in the code. */
  useType(type: ValueType): ValueType {
    if (isRef(type) && !isAbstract(type)) this.composite(heapOf(type));
    else if (isExceptionRef(type)) this.useNewExceptions();
    return type;
  }

  composite(typeIndex: number): CompositeType {
    const composite = this.context.composite(typeIndex);
    if (composite === undefined) throw this.unknown("type", typeIndex, this.context.module.types.length);
    return composite;
  }

  functionType(typeIndex: number): FunctionType {
    const composite = this.composite(typeIndex);
    if (composite.kind !== "func") {
      throw this.error(
        `${this.mnemonic()} expects a function type, type ${typeIndex} is a ${composite.kind} type`,
      );
    }
    return composite;
  }

  /** The error of an index that names nothing. */
  unknown(what: string, index: number, size: number): Error {
    return this.error(`${this.mnemonic()} names ${what} ${index}, but there are ${size}`);
  }

  /** V8 refuses modules that use both generations of exceptions in their code; so do we. */
  useOldExceptions(): void {
    const { context } = this;
    context.usesOldExceptions = true;
    if (context.usesNewExceptions) throw this.#mixed(this.mnemonic());
  }

  /** See {@linkcode useOldExceptions}; a type in code that holds exceptions counts as well, `what` is what has it. */
  useNewExceptions(what = this.mnemonic()): void {
    const { context } = this;
    if (this.isConstant) return;
    context.usesNewExceptions = true;
    if (context.usesOldExceptions) throw this.#mixed(what);
  }

  #mixed(what: string): Error {
    return this.error(`${what} mixes old and new exceptions in one module`);
  }

  /**
   * Counts values that are declared or moved at once against the budget of the module.
   *
   * @throws {ModuleRefusedError} when it is used up
   */
  spend(values: number): void {
    this.#values -= values;
    if (this.#values < 0) {
      throw new ModuleRefusedError("Cannot validate the module: it declares and moves too many values", {
        suggestion: "Use fewer locals, parameters and results.",
      });
    }
  }

  #growOperands(): void {
    if (this.height >= MAX_OPERANDS) {
      throw new ModuleRefusedError(
        `Cannot validate ${this.subject.kind} ${this.subject.index}: it piles up more than ${MAX_OPERANDS} operands`,
      );
    }
    this.operands = grown(this.operands, (length) => new Int32Array(length));
  }

  #growFrames(): void {
    const ints = (length: number) => new Int32Array(length);
    const bytes = (length: number) => new Uint8Array(length);
    this.frameKinds = grown(this.frameKinds, bytes);
    this.#deads = grown(this.#deads, bytes);
    this.#bases = grown(this.#bases, ints);
    this.#baseBytes = grown(this.#baseBytes, ints);
    this.#setCounts = grown(this.#setCounts, ints);
  }
}
