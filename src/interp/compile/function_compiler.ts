/**
 * Compiles one function body to register code, in one pass, without allocation per instruction. The body is valid.
 *
 * A frame, in bytes from its start: parameters and, in the same place, results; 8 bytes that hold where to return to
 * (address of the code, address of the frame); locals; operands. The operands that a call passes lie where the frame of
 * the called function begins, and its results where they belong.
 */
import { type CodeBuffer, IntList } from "./code_buffer.ts";
import { Frames } from "./control_frames.ts";
import { CounterCode, type CounterHints } from "./counter_code.ts";
import { HandlerTable } from "./handler_table.ts";
import { EMITTED } from "./emitted.ts";
import { BEFORE_NUMBER, FIRST_OPERAND, SECOND_OPERAND, STEP } from "./fusions.ts";
import type { JoinSequences } from "./join_sequences.ts";
import type { ModuleShape } from "./module_shape.ts";
import {
  BRANCH_IF,
  BRANCH_UNLESS,
  INVERSE,
  PLAIN,
  SELECT,
  SWAPPED_WITH_NUMBER,
  WITH_NUMBER,
} from "./opcode_operations.ts";
import { MANY, OperandStack, PLACE } from "./operand_stack.ts";
import { bytesOf, widthOf } from "../owned_layout.ts";
import { RULES } from "./rules.ts";
import { hasResult, SIGNATURES } from "./signatures.ts";
import type { WatchCode } from "./watch_code.ts";
import { ModuleRefusedError } from "../../core/errors.ts";
import { BLOCK_KIND, type InstructionReader } from "../../wasm/instructions.ts";
import type { ByteRange, FunctionBody, FunctionType } from "../../wasm/module.ts";
import { op, ROWS } from "../../wasm/opcodes.ts";
import { F64, I32, I64, V128, type ValueType } from "../../wasm/types.ts";

/** Bytes in which a frame keeps where to return to. */
const SAVED = 8;

/** A frame larger than this fits no stack. */
const MOST_FRAME_BYTES = 1 << 28;

const nothing = (): void => {};

const EMPTY: FunctionType = { kind: "func", params: [], results: [] };

const BLOCK = op("block"), LOOP = op("loop"), IF = op("if"), ELSE = op("else"), END = op("end");
const TRY = op("try"), TRY_TABLE = op("try_table"), CATCH = op("catch"), CATCH_ALL = op("catch_all");
const DELEGATE = op("delegate"), EQZ = op("i32.eqz"), ADD = op("i32.add"), SUB = op("i32.sub");

export interface CompilerOptions {
  readonly counters: CounterHints | undefined;
  /** Has the code watched. */
  readonly watch?: WatchCode | undefined;
  readonly join: JoinSequences;
}

/** What code is noted for: offsets of instructions that may trap or call, and the functions that lie there. */
export interface CodeNotes {
  note(position: number, offset: number): void;
}

export class FunctionCompiler {
  readonly stack: OperandStack;
  readonly frames: Frames;
  readonly handlers: HandlerTable;
  readonly #counters: CounterCode | undefined;
  readonly #watch: WatchCode | undefined;
  readonly #join: JoinSequences;
  /** Positions of direct calls, whose distances are known when all functions are compiled, and the functions called. */
  readonly callsAt: IntList = new IntList();
  readonly callees: IntList = new IntList();
  /** Positions that calls return to, and the distances of the frames that they made. */
  readonly returns: IntList = new IntList();
  readonly returnBases: IntList = new IntList();
  type: FunctionType = { kind: "func", params: [], results: [] };
  localAt: Int32Array = new Int32Array(0);
  localTypes: Int32Array = new Int32Array(0);
  /** Where in the frame it is kept where to return to. */
  saved = 0;
  /** Bytes of the frame beyond the operands: of frames that it calls. */
  #reach = 0;
  /** The instruction that was emitted last, if nothing can jump behind it; else -1. */
  #last = -1;
  /** The position behind it. */
  #lastEnd = 0;
  /** The instruction before it, if nothing can jump between them; else -1. */
  #before = -1;
  /** The local to which a result was sent last, in place of the operand that it was. */
  #target = -1;
  /** Old `try` blocks that are open, and where the first of them keeps its exception. */
  tries = 0;
  #exceptionsAt = 0;
  #dead = false;

  constructor(
    readonly shape: ModuleShape,
    readonly code: CodeBuffer,
    readonly reader: InstructionReader,
    readonly notes: CodeNotes,
    options: CompilerOptions,
  ) {
    this.stack = new OperandStack(code);
    this.frames = new Frames(code);
    this.handlers = new HandlerTable();
    this.#watch = options.watch;
    this.#join = options.join;
    this.#counters = options.counters === undefined ? undefined : new CounterCode(shape, options.counters);
  }

  /** Compiles the body of a function. @returns the position of its first word */
  compile(type: FunctionType, body: FunctionBody): number {
    const { code } = this, start = code.position;
    this.#layOut(type, body, this.#countTries(body));
    this.#compileCode(type, { start: body.code, end: body.end }, start);
    return start;
  }

  /** Compiles a constant expression as a function that returns its value. */
  compileConstant(type: ValueType, range: ByteRange): number {
    const start = this.code.position;
    const signature: FunctionType = { kind: "func", params: [], results: [type] };
    this.#layOut(signature, { locals: [], localCount: 0 }, 0);
    this.#compileCode(signature, range, start);
    return start;
  }

  /** The most old `try` blocks of a body that can be open at once. */
  #countTries({ code, end }: FunctionBody): number {
    const { reader } = this;
    // Never further than this body: there may be many functions and no such byte.
    if (!reader.bytes.subarray(code, end).includes(TRY)) return 0;
    let open = 0, most = 0;
    reader.reset(code, end);
    while (reader.next()) if (reader.key === TRY) most = Math.max(most, ++open);
    return most;
  }

  #layOut(type: FunctionType, body: Pick<FunctionBody, "locals" | "localCount">, tries: number): void {
    const { params, results } = type, count = params.length + body.localCount;
    this.type = type;
    this.localAt = new Int32Array(count);
    this.localTypes = new Int32Array(count);
    let at = 0, index = 0;
    for (const param of params) {
      this.localAt[index] = at;
      this.localTypes[index++] = param;
      at += widthOf(param);
    }
    this.saved = Math.max(at, bytesOf(results));
    at = this.saved + SAVED;
    const from = at;
    for (const group of body.locals) {
      const width = widthOf(group.type);
      for (let i = 0; i < group.count; i++) {
        this.localAt[index] = at;
        this.localTypes[index++] = group.type;
        at += width;
      }
    }
    this.#reach = 0;
    this.tries = 0;
    this.#exceptionsAt = at;
    at += 8 * tries;
    this.stack.begin(this.localAt, at);
    if (at > from) this.code.emit4(EMITTED.enter, 0, from, at);
    else this.code.emit2(EMITTED.enter0, 0);
  }

  #compileCode(type: FunctionType, range: ByteRange, start: number): void {
    const { reader, frames, code } = this;
    this.#last = -1;
    this.#dead = false;
    frames.begin(type);
    this.#watch?.enter(this);
    reader.reset(range.start, range.end);
    while (reader.next()) {
      if (this.#dead) this.#skip();
      else {
        this.#watch?.instruction(this, reader);
        this.#instruction(reader);
      }
    }
    const bytes = Math.max(this.stack.most, this.#reach);
    if (bytes > MOST_FRAME_BYTES) {
      throw new ModuleRefusedError(`Cannot interpret the module: a function's frame takes ${bytes} bytes`);
    }
    code.words[start + 1] = bytes;
    this.#join(code.words, { start, end: code.position, operands: this.stack.bottom }, this.shape.memories);
  }

  /** In code that cannot be reached only what ends it matters. */
  #skip(): void {
    const { reader, frames } = this;
    switch (reader.key) {
      case BLOCK:
      case LOOP:
      case IF:
      case TRY:
      case TRY_TABLE:
        frames.skipped++;
        break;
      case ELSE:
      case CATCH:
      case CATCH_ALL:
        if (frames.skipped === 0) this.#instruction(reader);
        break;
      case END:
      case DELEGATE:
        if (frames.skipped === 0) this.#instruction(reader);
        else frames.skipped--;
    }
  }

  #instruction(reader: InstructionReader): void {
    const rule = RULES[reader.key];
    if (rule === undefined) {
      const name = ROWS[reader.key]?.mnemonic ?? `of key ${reader.key}`;
      throw new ModuleRefusedError(
        `Cannot interpret the module: the interpreter has no instruction ${name}`,
        {
          suggestion: 'Use engine "v8".',
        },
      );
    }
    rule(this, reader);
  }

  // Emission

  /** Notes that the next instruction may trap or call. */
  note(): void {
    this.notes.note(this.code.position, this.reader.offset);
  }

  /** Says which instruction was emitted last, so that it may be changed: nothing jumps behind it. -1 for none. */
  set last(position: number) {
    this.#before = this.#last >= 0 && this.#lastEnd === position ? this.#last : -1;
    this.#last = position;
    this.#lastEnd = this.code.position;
  }

  /** Its position. */
  get last(): number {
    return this.#last;
  }

  /** Where an old `try` block that is opened now keeps its exception. */
  exceptionSlot(): number {
    return this.#exceptionsAt + 8 * this.tries++;
  }

  /** Notes that the instruction that is emitted next calls a function of the module. */
  callsTo(functionIndex: number): void {
    this.callsAt.push(this.code.position);
    this.callees.push(functionIndex);
  }

  /** The position behind which jumps may lead; what was emitted stays as it is. */
  barrier(): number {
    this.#last = -1;
    this.stack.barrier();
    return this.code.position;
  }

  markDead(): void {
    this.#dead = true;
    this.#last = -1;
    this.stack.drop(this.frames.height);
  }

  get dead(): boolean {
    return this.#dead;
  }

  revive(): void {
    this.#dead = false;
  }

  plain(key: number): void {
    const { stack, code } = this, row = SIGNATURES[key];
    if (row === undefined) throw new TypeError(`Instruction ${key} has no signature`);
    const { count, result } = row, number = PLAIN[key] ?? -1;
    if (row.traps) this.note();
    if (count === 1) {
      const a = stack.pop();
      if (this.#invert(key, a)) return;
      const from = stack.register(a), at = code.position;
      code.emit3(number, stack.push(result), from);
      this.last = at;
      return;
    }
    if (count === 3) {
      const c = stack.register(stack.pop()), b = stack.register(stack.pop()), a = stack.register(stack.pop());
      const at = code.position;
      code.emit5(number, stack.push(result), a, b, c);
      this.last = at;
      return;
    }
    const b = stack.pop(), a = stack.pop(), numbered = WITH_NUMBER[key] ?? -1;
    if (this.#fuse(key, { a, b, result })) return;
    if (
      numbered >= 0 && stack.isConstant(b) && this.#numbered(numbered, { register: a, number: b, result })
    ) return;
    const swapped = SWAPPED_WITH_NUMBER[key] ?? -1;
    if (swapped >= 0 && stack.isConstant(a) && this.#numbered(swapped, { register: b, number: a, result })) {
      return;
    }
    const first = stack.register(a), second = stack.register(b), at = code.position;
    code.emit4(number, stack.push(result), first, second);
    this.last = at;
  }

  /** Emits one operation for this instruction and the one before, if there is one that does what both do. */
  #fuse(key: number, of: { readonly a: number; readonly b: number; readonly result: ValueType }): boolean {
    const { stack, code } = this, { a, b, result } = of, last = this.#last;
    if (last < 0) return false;
    const first = code.at(last), x = code.at(last + 2), y = code.at(last + 3);
    if (stack.isConstant(b)) {
      const sub = key === SUB, fused = BEFORE_NUMBER[sub ? ADD : key]?.get(first);
      const adds = (sub || key === ADD) && first === EMITTED.addNumber;
      if (fused === undefined && !adds || !this.isLast(a)) return false;
      const number = sub ? -(stack.low[b] ?? 0) | 0 : stack.low[b] ?? 0;
      code.position = last;
      this.#last = -1;
      if (fused === undefined) code.emit4(EMITTED.addNumber, stack.push(result), x, y + number | 0);
      else if (first === EMITTED.get) code.emit4(fused, stack.push(result), x, number);
      else code.emit5(fused, stack.push(result), x, y, number);
      this.last = last;
      return true;
    }
    const ofSecond = this.isLast(b) && !stack.isConstant(a) ? SECOND_OPERAND[key]?.get(first) : undefined;
    const ofFirst = ofSecond === undefined && this.isLast(a) ? FIRST_OPERAND[key]?.get(first) : undefined;
    const fused = ofSecond ?? ofFirst;
    if (fused === undefined) return false;
    const other = stack.register(ofSecond === undefined ? b : a);
    code.position = last;
    this.#last = -1;
    const to = stack.push(result);
    if (fused !== EMITTED.addProduct) code.emit5(fused, to, x, y, other);
    else code.emit5(fused, to, other, x, first === EMITTED.shiftNumber ? 1 << y : y);
    this.last = last;
    return true;
  }

  /** Emits the form whose last operand is a number, if it fits. */
  #numbered(
    number: number,
    of: { readonly register: number; readonly number: number; readonly result: ValueType },
  ): boolean {
    const { stack, code } = this, type = stack.types[of.number];
    if (type === I64 && !stack.isShort(of.number)) return false;
    const low = stack.low[of.number] ?? 0, high = stack.high[of.number] ?? 0;
    // Notes are for the position of the instruction itself.
    const from = stack.register(of.register), at = code.position;
    if (number === EMITTED.subNumber) code.emit4(EMITTED.addNumber, stack.push(of.result), from, -low | 0);
    else if (type === F64) code.emit5(number, stack.push(of.result), from, low, high);
    else code.emit4(number, stack.push(of.result), from, low);
    this.last = at;
    return true;
  }

  /** Makes `i32.eqz` of a comparison the opposite comparison. @param entry just taken */
  #invert(key: number, entry: number): boolean {
    if (key !== EQZ || !this.isLast(entry)) return false;
    const inverse = INVERSE[this.code.at(this.#last)] ?? -1;
    if (inverse < 0) return false;
    this.code.words[this.#last] = inverse;
    this.stack.push(I32);
    return true;
  }

  /** Whether the instruction that was emitted last made this entry. */
  isLast(entry: number): boolean {
    const { stack, code } = this;
    return this.#last >= 0 && code.position === this.#lastEnd && stack.places[entry] === PLACE.own &&
      hasResult(code.at(this.#last)) &&
      code.at(this.#last + 1) === stack.at[entry];
  }

  /**
   * Emits a branch whose distance is not known yet.
   *
   * @param entry the condition, just taken
   * @param before emits what comes before the branch, and touches no register above the operands
   * @returns its position, for {@linkcode Frames.link}
   */
  branch(entry: number, ifTrue: boolean, before: () => void = nothing): number {
    const { code, stack } = this;
    if (this.isLast(entry)) {
      const last = this.#last,
        number = code.at(last),
        fused = (ifTrue ? BRANCH_IF : BRANCH_UNLESS)[number] ?? -1;
      if (fused >= 0) {
        const end = code.position, first = code.at(last + 2), second = code.at(last + 3);
        const step = STEP[fused] ?? -1, { words } = code, adds = this.#before;
        if (
          step >= 0 && adds >= 0 && words[adds] === EMITTED.addNumber && words[adds + 1] === first &&
          this.#isFree(adds)
        ) {
          const from = code.at(adds + 2), number = code.at(adds + 3);
          code.position = adds;
          before();
          const at = code.position;
          code.emit6(step, 0, first, from, number, second);
          this.#last = -1;
          return at;
        }
        code.position = last;
        before();
        const at = code.position;
        code.emit3(fused, 0, first);
        if (end - last === 4) code.emit1(second);
        this.#last = -1;
        return at;
      }
    }
    const register = stack.register(entry);
    before();
    const at = code.position;
    code.emit3(ifTrue ? EMITTED.if : EMITTED.unless, 0, register);
    this.#last = -1;
    return at;
  }

  /**
   * Whether what comes before a branch may come before a step, too: no operand stands for the local that is stepped, and
   * none is put where the step finds its own.
   */
  #isFree(step: number): boolean {
    const to = this.code.at(step + 1), from = this.code.at(step + 2), { bottom } = this.stack;
    return to >= bottom || from < bottom && !this.stack.isUsed(this.#target);
  }

  /** Emits a choice between two operands by a third, on top. */
  select(): void {
    const { stack, code } = this, condition = stack.pop(), second = stack.pop(), first = stack.pop();
    const type = stack.types[first] ?? 0, { constant } = PLACE, last = this.#last;
    const fused = type !== V128 && this.isLast(condition) ? SELECT[code.at(last)] ?? -1 : -1;
    if (fused >= 0 && stack.places[first] !== constant && stack.places[second] !== constant) {
      const x = stack.register(first),
        y = stack.register(second),
        a = code.at(last + 2),
        b = code.at(last + 3);
      code.position = last;
      this.#last = -1;
      code.emit6(fused, stack.push(type), x, y, a, b);
      this.last = last;
      return;
    }
    const by = stack.register(condition),
      b = stack.register(second),
      a = stack.register(first),
      at = code.position;
    code.emit5(type === V128 ? EMITTED.select128 : EMITTED.select, stack.push(type), a, b, by);
    this.last = at;
  }

  setLocal(index: number, keep: boolean): void {
    const { stack, code } = this, to = this.localAt[index] ?? 0, type = this.localTypes[index] ?? 0;
    const entry = stack.pop();
    if (!stack.isUsed(index) && this.isLast(entry)) {
      code.words[this.#last + 1] = to;
      this.#target = index;
    } else {
      if (stack.isUsed(index)) stack.settle();
      stack.write(entry, to);
      this.#last = -1;
    }
    if (keep) stack.pushLocal(index, type);
  }

  /** Emits the jump of an unconditional branch to a label, with the values that it takes along. */
  branchTo(label: number): void {
    const { frames, code } = this;
    if (frames.isFunction(label)) return this.leave();
    this.moveTo(label);
    const at = code.position;
    code.emit2(frames.isLoop(label) ? EMITTED.jumpBack : EMITTED.jump, 0);
    frames.link(label, at);
  }

  /** Whether a branch may go to its label at once: it ends a block, and the values that it takes along lie where they belong. */
  isPlaced(label: number): boolean {
    const { stack, frames } = this;
    if (frames.isFunction(label) || frames.isLoop(label)) return false;
    const types = frames.labelTypes(label);
    let to = frames.baseOf(label), entry = stack.height - types.length;
    for (const type of types) {
      if (stack.places[entry] !== PLACE.own || stack.at[entry] !== to) return false;
      to += widthOf(type);
      entry++;
    }
    return true;
  }

  /** Moves the values that a branch takes along to where they belong; the entries stay as they are. */
  moveTo(label: number): void {
    this.move(this.frames.labelTypes(label), this.frames.baseOf(label));
  }

  move(types: readonly ValueType[], base: number): void {
    const { stack, code } = this, first = stack.height - types.length;
    if (types.length >= MANY) {
      stack.place(types.length);
      const from = stack.at[first] ?? 0;
      if (from !== base) code.emit4(EMITTED.move, base, from, bytesOf(types));
      return;
    }
    let to = base, entry = first;
    for (const type of types) { // upwards: no value lies below where it belongs
      stack.write(entry++, to);
      to += widthOf(type);
    }
  }

  /** Emits the end of the function, whose results are on top. */
  leave(): void {
    const { stack, code } = this, { results } = this.type, [only] = results;
    if (results.length === 1 && only !== V128) {
      const entry = stack.height - 1;
      if (stack.isConstant(entry) || this.#watch?.active === true) stack.write(entry, 0);
      else {
        code.emit3(EMITTED.return1, this.saved, stack.register(entry));
        return;
      }
    } else if (results.length > 0) {
      // A result's place may be that of a parameter that is a result, too.
      if (results.length >= MANY || this.#overlapsResults(results)) stack.place(results.length);
      this.move(results, 0);
    }
    this.#watch?.leave(this);
    code.emit2(EMITTED.return, this.saved);
  }

  /** Whether a result that is not in its place yet stands where another one belongs. */
  #overlapsResults(results: readonly ValueType[]): boolean {
    const { stack } = this, end = bytesOf(results);
    let to = 0, entry = stack.height - results.length;
    for (const type of results) {
      const at = stack.isConstant(entry) ? to : stack.register(entry);
      if (at < end && at !== to) return true;
      to += widthOf(type);
      entry++;
    }
    return false;
  }

  /** Where the frame of a call begins whose arguments are on top; they are put there and taken. */
  arguments(type: FunctionType): number {
    const { stack } = this, count = type.params.length;
    stack.place(count);
    stack.drop(stack.height - count);
    return stack.top;
  }

  /** Where a function keeps where to return to. */
  savedOf(type: FunctionType): number {
    return Math.max(bytesOf(type.params), bytesOf(type.results));
  }

  /** Notes that the instruction that was emitted last makes a frame at `base`. */
  called(base: number, saved: number): void {
    this.returns.push(this.code.position);
    this.returnBases.push(base);
    this.reach(base, saved);
  }

  /** Makes the frame large enough for one that begins at `base` within it. */
  reach(base: number, saved: number): void {
    this.#reach = Math.max(this.#reach, base + saved + SAVED);
  }

  /** Pushes the results of what was called. */
  results(type: FunctionType): void {
    this.#last = -1;
    for (const result of type.results) this.stack.push(result);
  }

  /** The register of an index that may be wide; one of 64 bits is made one of 32. */
  index(entry: number): number {
    const { stack, code } = this, register = stack.register(entry);
    if (stack.types[entry] !== I64) return register;
    const to = stack.at[entry] ?? 0;
    code.emit3(EMITTED.narrow, to, register);
    return to;
  }

  blockType(): FunctionType {
    const { reader } = this;
    switch (reader.blockKind) {
      case BLOCK_KIND.value:
        return { kind: "func", params: [], results: [reader.blockType] };
      case BLOCK_KIND.index:
        return this.shape.functionType(reader.blockType);
      default:
        return EMPTY;
    }
  }

  /** Emits an instruction that is done outside: operands are registers, `words` are numbers behind them. */
  service(kind: number, ...words: number[]): void {
    const { code } = this;
    this.note();
    this.#last = -1;
    code.reserve(3 + words.length);
    code.emit3(EMITTED.service, kind, 3 + words.length);
    for (const word of words) code.emit1(word);
  }

  /** Instructions on the counters that stand for several; true if one was emitted. */
  counter(): boolean {
    return this.#counters?.emit(this) ?? false;
  }
}
