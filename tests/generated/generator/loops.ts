/** Loops: counted ones as compilers write them, ones that count steps and branch back from anywhere, and ones that never do. */
import { indexed, integer } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import { blockBody, someTypes } from "./control.ts";
import type { ValueType } from "./value_type.ts";

const BLOCK = 0x02, LOOP = 0x03, IF = 0x04, END = 0x0b, BR = 0x0c, BR_IF = 0x0d, RETURN = 0x0f;
const LOCAL_GET = 0x20, LOCAL_SET = 0x21, LOCAL_TEE = 0x22, I32_ADD = 0x6a, I32_LT_S = 0x48, I32_GE_S = 0x4e;
const MOST_TURNS = 60;

/** Turns of a counted loop; few where it stands in others. */
function turns(to: CodeWriter): number {
  return 1 +
    to.random.below(Math.min(to.random.pick([4, 12, 40]), Math.max(1, Math.floor(MOST_TURNS / to.turns))));
}

function within(to: CodeWriter, count: number, write: () => void): void {
  to.turns *= count + 1;
  write();
  to.turns /= count + 1;
}

/** A new counter, at zero. */
function counterAtZero(to: CodeWriter): number {
  const local = to.reserve("i32");
  to.emit(...integer(0), ...indexed(LOCAL_SET, local));
  return local;
}

function raise(to: CodeWriter, local: number, opcode: number): void {
  to.emit(...indexed(LOCAL_GET, local), ...integer(1), I32_ADD, ...indexed(opcode, local));
}

/** `loop … i += 1; br_if (i < n) end`; straight inside, as a rule. */
function doWhile(to: CodeWriter): void {
  const count = turns(to), local = counterAtZero(to);
  to.emit(LOOP, 0x40);
  to.inside("closed", [], () =>
    within(to, count, () => {
      to.statements(3);
      raise(to, local, LOCAL_TEE);
      to.emit(...integer(count), I32_LT_S, BR_IF, 0);
      if (to.often(4)) to.statements(1);
    }));
  to.emit(END);
}

/** `block loop br_if (i >= n) out … br loop end end` */
function whileLoop(to: CodeWriter): void {
  const count = turns(to), local = counterAtZero(to);
  to.emit(BLOCK, 0x40, LOOP, 0x40);
  to.inside("forward", [], () =>
    to.inside("closed", [], () =>
      within(to, count, () => {
        to.emit(...indexed(LOCAL_GET, local), ...integer(count), I32_GE_S, BR_IF, 1);
        to.statements(3);
        raise(to, local, LOCAL_SET);
        to.emit(BR, 0);
      })));
  to.emit(END, END);
}

/** Its header raises a counter; branches back look at it. */
function countedLoop(to: CodeWriter, results: readonly ValueType[]): void {
  const count = turns(to), local = counterAtZero(to), params = to.often(3) ? someTypes(to, 3) : [];
  to.values(params);
  to.emit(LOOP, ...to.blockType(params, results));
  to.inside("counted", params, () =>
    within(to, count, () => {
      raise(to, local, LOCAL_SET);
      if (to.often(2)) to.statements(2);
      to.consume(params);
      to.statements(2);
      for (let branches = 1 + to.random.below(3); branches > 0; branches--) {
        if (to.often(2)) to.branchIf(0);
        else to.branch(0);
        if (to.often(3)) to.statements(2);
      }
      to.values(results);
    }), { counter: { local, limit: count } });
  to.emit(END);
}

/** Its header counts a step and leaves when there is none, so anything may branch back to it. */
export function freeLoop(to: CodeWriter, results: readonly ValueType[], more?: () => void): void {
  const params = more === undefined && to.often(3) ? someTypes(to, 3) : [];
  to.values(params);
  to.emit(LOOP, ...to.blockType(params, results));
  to.inside("free", params, () => {
    to.step();
    to.emit(IF, 0x40);
    to.inside("forward", [], () => leave(to));
    to.emit(END);
    more?.();
    blockBody(to, params, results);
    if (results.length === 0 && to.often(2)) to.branchIf(0);
    // On and on, until no step is left.
    if (results.length === 0 && to.often(4)) to.branch(0);
  });
  to.emit(END);
}

/** Leaves the loop that is two labels out for good, for a place further out. */
function leave(to: CodeWriter): void {
  const outer = to.labelsFor(() => true).filter((depth) => depth > 1 && to.label(depth).kind === "forward");
  const depth = to.random.pick(outer);
  to.zeros(to.label(depth).types);
  if (to.often(4) && depth === to.labels.length - 1) to.emit(RETURN);
  else to.emit(...indexed(BR, depth));
}

/** A loop in name alone. */
function noLoop(to: CodeWriter, results: readonly ValueType[]): void {
  const params = to.often(4) ? someTypes(to, 3) : [];
  to.values(params);
  to.emit(LOOP, ...to.blockType(params, results));
  to.inside("closed", params, () => blockBody(to, params, results));
  to.emit(END);
}

const mayCountSteps = (to: CodeWriter): boolean => to.blueprint.loops && !to.shape.leaf;
const mayTurn = (to: CodeWriter): boolean => to.blueprint.loops && to.turns < MOST_TURNS;

export const LOOP_FORMS: Forms = {
  values: [
    { weight: 1, applies: (_, to) => mayTurn(to), write: (to, type) => countedLoop(to, [type]) },
    { weight: 2, applies: (_, to) => mayCountSteps(to), write: (to, type) => freeLoop(to, [type]) },
    { weight: 1, applies: () => true, write: (to, type) => noLoop(to, [type]) },
  ],
  statements: [
    { weight: 3, applies: mayTurn, write: doWhile },
    { weight: 3, applies: mayTurn, write: whileLoop },
    { weight: 3, applies: mayTurn, write: (to) => countedLoop(to, []) },
    { weight: 4, applies: mayCountSteps, write: (to) => freeLoop(to, []) },
    { weight: 1, write: (to) => noLoop(to, []) },
  ],
};
