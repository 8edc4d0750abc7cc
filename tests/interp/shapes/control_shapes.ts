/** Shapes of control flow: blocks, loops, branches, calls, exceptions. */
import type { Type } from "./code_stack.ts";
import type { Shape, ShapeCode } from "./shape_code.ts";
import { GLOBALS } from "./shape_module.ts";
import { EXTERNREF, F64, FUNCREF, I32, I64, leb, V128 } from "../../wasm/module_builder.ts";

const EXNREF = 0x69;

const RESULTS: readonly Type[] = [I32, I32, I64, F64, V128, FUNCREF, EXTERNREF];

function results({ random }: ShapeCode): Type[] {
  return Array.from(
    { length: random.below(3) === 0 ? random.below(7) : random.below(3) },
    () => random.pick(RESULTS),
  );
}

/** Statements of a part of a block. */
function part(code: ShapeCode): void {
  code.statements(1 + code.random.below(6));
  code.finish();
}

/** What decides a branch. */
function condition(code: ShapeCode): void {
  if (code.random.below(3) > 0) code.compare({ fresh: code.random.below(3) > 0 });
  else code.push(I32);
}

/** A step of a local, often of one for which operands stand. */
function step(code: ShapeCode): boolean {
  const local = code.local(I32), { random } = code;
  if (local === undefined) return false;
  if (random.below(3) === 0) code.get(local);
  code.get(local).constant(I32).operate(random.pick(["i32.add", "i32.sub"]), 2, [I32]);
  if (random.below(2) === 0) code.tee(local);
  else {
    code.set(local);
    if (random.below(2) === 0) code.get(local);
    code.get(local);
  }
  code.push(I32).operate(random.pick(["i32.lt_s", "i32.ne", "i32.ge_u", "i32.eq"]), 2, [I32]);
  return true;
}

/** Goes back to the start of a loop, as long as there are steps enough. */
function again(code: ShapeCode): void {
  code.need(code.labels.at(-1)?.types ?? []).operate("global.get", 0, [I32], leb(GLOBALS.steps));
  code.constant(I32, 64).operate("i32.gt_s", 2, [I32]);
  code.compare({ fresh: true });
  code.operate("i32.and", 2, [I32]).operate("br_if", 1, [], leb(0));
}

/** Operands that stand for locals, under a block in which the locals change on some of the ways through it. */
function under(code: ShapeCode): void {
  const { random } = code, types = [I32, I64, V128].filter((type) => code.local(type) !== undefined);
  if (types.length === 0) return;
  const type = random.pick(types), local = code.local(type) ?? 0, kind = random.below(4);
  code.get(local);
  if (random.below(2) === 0) code.constant(I32);
  const params = random.below(2) === 0 ? code.stack.slice(-1) : [];
  if (kind === 0) code.compare({ fresh: true });
  if (kind === 0) code.stack.length--;
  const mnemonic = kind === 0 ? "if" : kind === 1 ? "loop" : "block";
  code.open(mnemonic, code.typeOf({ params, results: params }));
  if (kind === 1) code.step();
  else if (random.below(2) === 0) branchIf(code, 0);
  const set = () => {
    code.push(type).set(local);
    if (random.below(2) === 0) part(code);
    else code.finish();
  };
  if (kind === 3) tried(code);
  set();
  if (kind === 1) again(code);
  if (kind === 0 && random.below(2) === 0) {
    code.emit("else");
    code.restart(params);
    set();
  }
  code.close();
  if (code.stack.at(-1) !== type) code.drop();
  // What was under the block is looked at.
  const other = code.local(type) ?? local;
  if (code.own > 0 && code.stack.at(-1) === type) code.set(other);
}

function branchIf(code: ShapeCode, label: number): void {
  const types = code.labels.at(-1 - label)?.types ?? [];
  code.need(types);
  if (code.random.below(3) > 0) condition(code);
  else if (!step(code)) return;
  // A step may leave more operands than it found.
  const { stack } = code, from = stack.length - 1 - types.length;
  if (from < (code.labels.at(-1)?.base ?? 0)) return void code.drop();
  if (!types.every((type, place) => stack[from + place] === type)) return void code.drop();
  code.operate("br_if", 1, [], leb(label));
}

/** Instructions after which nothing is reached, and the operands are any. */
function leave(code: ShapeCode): void {
  code.dead();
  if (code.random.below(4) === 0) code.constant(I32).drop();
}

function sameTypes(one: readonly Type[], other: readonly Type[]): boolean {
  return one.join() === other.join();
}

function callTo(code: ShapeCode, index: number): void {
  const { params, results } = code.typesOfFunction(index);
  code.need(params).operate("call", params.length, results, leb(index));
}

export const CONTROL_SHAPES: readonly Shape[] = [
  (code) => {
    code.open("block", code.typeOf({ params: code.some(), results: results(code) }));
    part(code);
    code.close();
  },
  (code) => {
    code.open("loop", code.typeOf({ params: code.some(), results: results(code) }));
    code.step();
    code.statements(1 + code.random.below(4));
    if (code.random.below(2) === 0) branchIf(code, 0);
    else again(code);
    part(code);
    code.close();
  },
  (code) => {
    if (code.random.below(3) > 0 || !step(code)) condition(code);
    code.stack.length--;
    const params = code.some(), without = code.random.below(3) === 0;
    code.open("if", code.typeOf({ params, results: without ? params : results(code) }));
    part(code);
    if (!without) {
      code.emit("else");
      code.restart(params);
      part(code);
    }
    code.close();
  },
  (code) => branchIf(code, code.random.below(code.labels.length)),
  (code) => branchIf(code, code.random.below(code.labels.length)),
  (code) => branchIf(code, 0),
  (code) => {
    if (code.random.below(3) > 0) return;
    const label = code.random.below(code.labels.length);
    code.need(code.labels.at(-1 - label)?.types ?? []).emit("br", leb(label));
    leave(code);
  },
  (code) => {
    if (code.random.below(2) > 0) return;
    const { labels, random } = code,
      label = random.below(labels.length),
      types = labels.at(-1 - label)?.types ?? [];
    const same = [...labels.keys()].filter((other) => sameTypes(labels.at(-1 - other)?.types ?? [], types));
    const all = Array.from({ length: random.below(5) }, () => random.pick(same));
    code.need([...types, I32]);
    if (random.below(2) === 0) code.constant(I32, 3).operate("i32.and", 2, [I32]);
    code.operate("br_table", 1, [], leb(all.length), ...all.map((other) => leb(other)), leb(label));
    leave(code);
  },
  (code) => {
    if (code.random.below(4) > 0) return;
    code.need(code.results).emit("return");
    leave(code);
  },
  (code) => callTo(code, code.random.below(code.plan.functions.length)),
  (code) => callTo(code, code.random.below(code.plan.functions.length)),
  (code) => {
    const index = code.random.below(code.plan.functions.length), type = code.plan.functions[index] ?? 0;
    const { params, results } = code.typesOfFunction(index);
    code.need(params).constant(I32, code.random.below(20) === 0 ? code.random.below(13) : index - 2);
    code.operate("call_indirect", params.length + 1, results, leb(type), [0]);
  },
  (code) => {
    const { plan, random } = code;
    const same = [...plan.functions.keys()].filter((index) =>
      sameTypes(code.typesOfFunction(index).results, code.results)
    );
    if (same.length === 0 || random.below(3) > 0) return;
    const index = random.pick(same), { params } = code.typesOfFunction(index);
    code.need(params);
    if (random.below(2) === 0) code.emit("return_call", leb(index));
    else {code.constant(I32, index - 2).operate(
        "return_call_indirect",
        1,
        [],
        leb(plan.functions[index] ?? 0),
        [0],
      );}
    leave(code);
  },
  (code) => {
    if (code.random.below(4) > 0) return;
    const tag = code.random.below(code.plan.tags.length);
    code.need(code.plan.types[code.plan.tags[tag] ?? 0]?.params ?? []).emit("throw", leb(tag));
    leave(code);
  },
  tried,
  tried,
  under,
  under,
];

/** For functions in which there is much to catch. */
export const EXCEPTION_SHAPES: readonly Shape[] = [tried, tried, mayThrow, mayThrow, under];

/** Throws if something holds, so that what comes behind is reached, too. */
function mayThrow(code: ShapeCode): void {
  const { random, plan, labels } = code, tag = random.below(plan.tags.length);
  code.compare({ fresh: true });
  code.stack.length--;
  code.open("if", code.typeOf({ params: [], results: [] }));
  const caught = [...labels.keys()].filter((label) => labels.at(-1 - label)?.catches);
  if (caught.length > 0 && random.below(2) === 0) code.emit("rethrow", leb(random.pick(caught)));
  else code.need(plan.types[plan.tags[tag] ?? 0]?.params ?? []).emit("throw", leb(tag));
  leave(code);
  code.finish();
  code.close();
}

function tried(code: ShapeCode): void {
  if (code.plan.oldExceptions) oldTry(code);
  else tryTable(code);
}

/** Blocks for the clauses, and the body inside them. */
function tryTable(code: ShapeCode): void {
  const { random, plan } = code, result = results(code), clauses: number[][] = [];
  const all = random.below(2) === 0, refers = random.below(2) === 0, tag = random.below(plan.tags.length);
  const payload = all ? [] : plan.types[plan.tags[tag] ?? 0]?.params ?? [];
  const types = refers ? [...payload, EXNREF] : payload;
  code.open("block", code.typeOf({ params: [], results: types }));
  clauses.push(all ? [refers ? 3 : 2, 0] : [refers ? 1 : 0, ...leb(tag), 0]);
  if (random.below(2) === 0 && sameTypes(types, [])) clauses.unshift([0, 0, 0]);
  const params = code.some();
  code.open("try_table", code.typeOf({ params, results: result }), leb(clauses.length), ...clauses);
  if (random.below(2) === 0) mayThrow(code);
  part(code);
  code.close();
  for (const _ of result) code.drop();
  if (code.own < types.length || random.below(2) === 0) {
    code.dead();
    for (const type of types) if (type !== EXNREF) code.push(type);
    if (refers) code.emit("unreachable").dead();
    if (refers) code.stack.push(...types);
  } else code.finish();
  code.close();
  if (!refers) return;
  if (random.below(3) === 0) {
    code.emit("throw_ref");
    leave(code);
  } else code.drop();
}

function oldTry(code: ShapeCode): void {
  const { random, plan } = code, params = code.some(), result = results(code);
  code.open("try", code.typeOf({ params, results: result }));
  if (random.below(2) === 0) mayThrow(code);
  part(code);
  if (random.below(4) === 0) {
    const { base = 0, results = [] } = code.labels.pop() ?? {};
    code.stack.length = base;
    code.stack.push(...results);
    return void code.emit("delegate", leb(random.below(code.labels.length)));
  }
  const label = code.labels.at(-1);
  const catches = random.below(3), all = catches === 0 || random.below(2) === 0;
  if (label !== undefined) label.catches = true;
  for (let count = 0; count < catches; count++) {
    const tag = random.below(plan.tags.length);
    code.emit("catch", leb(tag));
    code.restart(plan.types[plan.tags[tag] ?? 0]?.params ?? []);
    caught(code);
  }
  if (all) {
    code.emit("catch_all");
    code.restart([]);
    caught(code);
  }
  code.close();
}

function caught(code: ShapeCode): void {
  if (code.random.below(2) === 0) mayThrow(code);
  code.statements(1 + code.random.below(4));
  const labels = [...code.labels.keys()].filter((label) => code.labels.at(-1 - label)?.catches);
  if (labels.length > 0 && code.random.below(4) === 0) {
    code.emit("rethrow", leb(code.random.pick(labels)));
    leave(code);
  }
  code.finish();
}
