/** How control flow is compiled: blocks, branches, calls, exceptions. */
import { KIND } from "./control_frames.ts";
import { EMITTED } from "./emitted.ts";
import type { FunctionCompiler } from "./function_compiler.ts";
import { MANY } from "./operand_stack.ts";
import { bytesOf } from "../owned_layout.ts";
import { SERVICE } from "../machine_layout.ts";
import type { Rule } from "./rules_values.ts";
import { CATCH_KIND } from "../../wasm/catch_kind.ts";
import { type InstructionReader } from "../../wasm/instructions.ts";
import type { FunctionType } from "../../wasm/module.ts";
import { EXNREF, V128 } from "../../wasm/types.ts";

/** Opens a block whose parameters are on top; entries that stand for locals are settled, as both ways out of it need. */
function open(compiler: FunctionCompiler, kind: number, type: FunctionType) {
  const { stack, frames } = compiler, height = stack.height - type.params.length;
  const base = type.params.length === 0 ? stack.top : stack.at[height] ?? 0;
  return frames.open(kind, type, { height, base });
}

/** Ends a part of a block by jumping to its end with its results. */
function jumpToEnd(compiler: FunctionCompiler): void {
  const { frames, code } = compiler;
  if (compiler.dead) return;
  compiler.move(frames.top.type.results, frames.top.base);
  const at = code.position;
  code.emit2(EMITTED.jump, 0);
  frames.link(0, at);
}

/** Begins a part of a block with these operands, in their places. */
function restart(compiler: FunctionCompiler, types: readonly number[]): void {
  const { stack, frames } = compiler;
  stack.drop(frames.height);
  compiler.revive();
  compiler.barrier();
  for (const type of types) stack.push(type);
}

function end(compiler: FunctionCompiler): void {
  const { frames, stack, code } = compiler, frame = frames.top, { type } = frame;
  if (frames.depth === 1) {
    if (!compiler.dead) compiler.leave();
    frames.pop();
    return;
  }
  let reached = !compiler.dead;
  if (reached) compiler.move(type.results, frame.base);
  if (frame.kind === KIND.tryTable) endTryTable(compiler, reached);
  if (frame.slot >= 0) compiler.tries--;
  if (frame.kind === KIND.try) compiler.handlers.close(frame.ownNode, code.position);
  if (frame.kind === KIND.if) {
    code.words[frame.otherwise + 1] = 4 * (code.position - frame.otherwise);
    reached = true;
  }
  if (frames.bind(frame)) reached = true;
  stack.drop(frame.height);
  frames.pop();
  compiler.barrier();
  if (!reached) return compiler.markDead();
  compiler.revive();
  for (const result of type.results) stack.push(result);
}

/** Writes where the clauses of a `try_table` lead, behind its body. */
function endTryTable(compiler: FunctionCompiler, reached: boolean): void {
  const { frames, stack, code, handlers } = compiler, frame = frames.top;
  handlers.close(frame.ownNode, code.position);
  if (frame.clauses.length === 0) return;
  if (reached) {
    const at = code.position;
    code.emit2(EMITTED.jump, 0);
    frames.link(0, at);
  }
  for (const [kind, tag, label] of frame.clauses) {
    const names = kind === CATCH_KIND.catch || kind === CATCH_KIND.catch_ref;
    const refers = kind === CATCH_KIND.catch_ref || kind === CATCH_KIND.catch_all_ref;
    stack.drop(frame.height);
    const top = stack.top;
    if (names) { for (const type of compiler.shape.tagType(tag).params) stack.push(type); }
    if (refers) stack.push(EXNREF);
    handlers.add(frame.ownNode, { kind, tag, position: compiler.barrier(), top, slot: -1 });
    compiler.branchTo(label + 1); // the labels of clauses count from outside
  }
}

function branchIf(compiler: FunctionCompiler, { index: label }: InstructionReader): void {
  const { stack, frames, code } = compiler, entry = stack.pop();
  const toEnd = frames.isFunction(label), types = frames.labelTypes(label);
  const many = types.length >= MANY || toEnd && (types.length > 1 || types[0] === V128);
  // What is put into place before a branch stays so if it is not taken.
  const before = () => {
    if (many) stack.place(types.length);
  };
  if (compiler.isPlaced(label)) {
    frames.link(label, compiler.branch(entry, true));
    return;
  }
  const skip = compiler.branch(entry, false, before);
  compiler.branchTo(label);
  code.words[skip + 1] = 4 * (code.position - skip);
  compiler.barrier();
}

function branchTable(compiler: FunctionCompiler, reader: InstructionReader): void {
  const { stack, frames, code } = compiler, { labels, labelCount } = reader;
  const index = stack.register(stack.pop()), count = frames.labelTypes(labels[labelCount - 1] ?? 0).length;
  stack.place(count);
  compiler.barrier();
  const at = code.position, stubs = new Map<number, number[]>();
  code.reserve(labelCount + 16);
  code.emit3(EMITTED.table, index, labelCount - 1);
  for (let place = 0; place < labelCount; place++) {
    const label = labels[place] ?? 0, word = code.position;
    code.emit1(0);
    if (compiler.isPlaced(label)) {
      frames.link(label, at, word);
      continue;
    }
    const words = stubs.get(label);
    if (words === undefined) stubs.set(label, [word]);
    else words.push(word);
  }
  for (const [label, words] of stubs) {
    for (const word of words) code.words[word] = 4 * (code.position - at);
    compiler.branchTo(label);
  }
  compiler.markDead();
}

/** A branch on a reference: it is looked at and, of `br_on_null`, kept where it is not null. */
function branchOnNull(compiler: FunctionCompiler, { index: label }: InstructionReader): void {
  const { stack, frames, code } = compiler;
  const count = frames.labelTypes(label).length;
  stack.place(count + 1);
  const entry = stack.pop(), register = stack.register(entry), type = stack.types[entry] ?? 0;
  const skip = code.position;
  code.emit3(EMITTED.ifSet, 0, register);
  compiler.branchTo(label);
  code.words[skip + 1] = 4 * (code.position - skip);
  compiler.barrier();
  stack.push(type);
}

function branchOnNonNull(compiler: FunctionCompiler, { index: label }: InstructionReader): void {
  const { stack, frames, code } = compiler;
  stack.place(frames.labelTypes(label).length);
  const register = stack.register(stack.height - 1), skip = code.position;
  code.emit3(EMITTED.ifNull, 0, register);
  compiler.branchTo(label);
  code.words[skip + 1] = 4 * (code.position - skip);
  compiler.barrier();
  stack.pop();
}

/** Emits a call of a function of the module. */
function call(compiler: FunctionCompiler, { index }: InstructionReader): void {
  const { shape, code } = compiler, type = shape.typeOf(index), saved = compiler.savedOf(type);
  const base = compiler.arguments(type), imported = index < shape.module.imported.function;
  compiler.note();
  if (imported) code.emit4(EMITTED.callOwned, shape.functionPlace(index), base, saved);
  else {
    compiler.callsTo(index);
    code.emit4(EMITTED.call, 0, base, saved);
  }
  compiler.called(base, saved);
  compiler.results(type);
}

function callReference(compiler: FunctionCompiler, { index }: InstructionReader): void {
  const { shape, code, stack } = compiler, type = shape.functionType(index), saved = compiler.savedOf(type);
  const reference = stack.register(stack.pop()), base = compiler.arguments(type);
  compiler.note();
  code.emit5(EMITTED.callRef, shape.typePlace(index), base, saved, reference);
  compiler.called(base, saved);
  compiler.results(type);
}

function callIndirect(compiler: FunctionCompiler, { index, index2: table }: InstructionReader): void {
  const { shape, code, stack } = compiler, type = shape.functionType(index), saved = compiler.savedOf(type);
  const element = compiler.index(stack.pop()), base = compiler.arguments(type);
  compiler.note();
  code.emit6(EMITTED.callIndirect, shape.typePlace(index), base, saved, shape.tablePlace(table), element);
  compiler.called(base, saved);
  compiler.results(type);
}

/** Words of a tail call: where the arguments lie, their bytes, where this frame and where the next keep where to return to. */
function tailWords(
  compiler: FunctionCompiler,
  type: FunctionType,
): readonly [number, number, number, number] {
  const saved = compiler.savedOf(type), base = compiler.arguments(type);
  compiler.reach(0, saved);
  compiler.note();
  return [base, bytesOf(type.params), compiler.saved, saved];
}

function tailCall(compiler: FunctionCompiler, { index }: InstructionReader): void {
  const { shape, code } = compiler, [base, bytes, from, to] = tailWords(compiler, shape.typeOf(index));
  if (index < shape.module.imported.function) {
    code.emit6(EMITTED.returnCallOwned, shape.functionPlace(index), base, bytes, from, to);
  } else {
    compiler.callsTo(index);
    code.emit6(EMITTED.returnCall, 0, base, bytes, from, to);
  }
  compiler.markDead();
}

function tailCallReference(compiler: FunctionCompiler, { index }: InstructionReader): void {
  const { shape, code, stack } = compiler, reference = stack.register(stack.pop());
  const [base, bytes, from, to] = tailWords(compiler, shape.functionType(index));
  code.emit4(EMITTED.returnCallRef, shape.typePlace(index), base, bytes);
  code.emit3(from, to, reference);
  compiler.markDead();
}

function tailCallIndirect(compiler: FunctionCompiler, { index, index2: table }: InstructionReader): void {
  const { shape, code, stack } = compiler, element = compiler.index(stack.pop());
  const [base, bytes, from, to] = tailWords(compiler, shape.functionType(index));
  code.emit6(EMITTED.returnCallIndirect, shape.typePlace(index), base, bytes, from, to);
  code.emit2(shape.tablePlace(table), element);
  compiler.markDead();
}

function catchClause(kind: number): Rule {
  return (compiler, { index: tag }) => {
    const { frames, stack, handlers } = compiler, frame = frames.top;
    if (frame.kind === KIND.try) {
      jumpToEnd(compiler);
      handlers.close(frame.ownNode, compiler.code.position);
      frame.kind = KIND.catch;
      frame.node = frames.depth > 1 ? frames.frame(1).node : -1;
    } else jumpToEnd(compiler);
    stack.drop(frame.height);
    const top = stack.top;
    restart(compiler, kind === CATCH_KIND.catch ? compiler.shape.tagType(tag).params : []);
    const { slot } = frame;
    handlers.add(frame.ownNode, { kind, tag, position: compiler.code.position, top, slot });
  };
}

export const CONTROL_RULES: Readonly<Record<string, Rule>> = {
  block: (compiler) => {
    compiler.stack.settle();
    open(compiler, KIND.block, compiler.blockType());
  },
  loop: (compiler) => {
    const type = compiler.blockType();
    compiler.stack.settle();
    compiler.stack.place(type.params.length);
    open(compiler, KIND.loop, type);
    compiler.barrier();
  },
  if: (compiler) => {
    const { stack } = compiler, type = compiler.blockType(), condition = stack.pop();
    const otherwise = compiler.branch(condition, false, () => {
      stack.settle();
      stack.place(type.params.length);
    });
    open(compiler, KIND.if, type).otherwise = otherwise;
  },
  else: (compiler) => {
    const { frames, code } = compiler, frame = frames.top;
    jumpToEnd(compiler);
    frame.kind = KIND.else;
    code.words[frame.otherwise + 1] = 4 * (code.position - frame.otherwise);
    restart(compiler, frame.type.params);
  },
  end,
  br: (compiler, { index }) => {
    compiler.branchTo(index);
    compiler.markDead();
  },
  br_if: branchIf,
  br_table: branchTable,
  br_on_null: branchOnNull,
  br_on_non_null: branchOnNonNull,
  return: (compiler) => {
    compiler.leave();
    compiler.markDead();
  },
  unreachable: (compiler) => {
    compiler.note();
    compiler.code.emit1(EMITTED.unreachable);
    compiler.markDead();
  },
  call,
  call_ref: callReference,
  call_indirect: callIndirect,
  return_call: tailCall,
  return_call_ref: tailCallReference,
  return_call_indirect: tailCallIndirect,
  throw: (compiler, { index: tag }) => {
    const base = compiler.arguments(compiler.shape.tagType(tag));
    compiler.service(SERVICE.throw, tag, base);
    compiler.markDead();
  },
  throw_ref: (compiler) => {
    const { stack } = compiler;
    compiler.service(SERVICE.throwReference, stack.register(stack.pop()));
    compiler.markDead();
  },
  rethrow: (compiler, { index: label }) => {
    compiler.service(SERVICE.rethrow, compiler.frames.frame(label).slot);
    compiler.markDead();
  },
  try_table: (compiler, reader) => {
    const { stack, handlers, code } = compiler;
    stack.settle();
    const frame = open(compiler, KIND.tryTable, compiler.blockType());
    const clauses: [number, number, number][] = [];
    for (let place = 0; place < reader.catchCount; place++) {
      const kind = reader.catchKinds[place] ?? 0, label = reader.catchLabels[place] ?? 0;
      clauses.push([kind, reader.catchTags[place] ?? 0, label]);
    }
    compiler.barrier();
    frame.clauses = clauses;
    frame.ownNode = handlers.open(code.position, frame.node);
    frame.node = frame.ownNode;
  },
  try: (compiler) => {
    const { stack, handlers, code } = compiler;
    stack.settle();
    const frame = open(compiler, KIND.try, compiler.blockType());
    compiler.barrier();
    frame.slot = compiler.exceptionSlot();
    frame.ownNode = handlers.open(code.position, frame.node);
    frame.node = frame.ownNode;
  },
  catch: catchClause(CATCH_KIND.catch),
  catch_all: catchClause(CATCH_KIND.catch_all),
  delegate: (compiler, { index: label }) => {
    const { frames, handlers, code } = compiler, frame = frames.top;
    handlers.close(frame.ownNode, code.position);
    handlers.delegate(frame.ownNode, frames.frame(label + 1).node);
    end(compiler);
  },
};
