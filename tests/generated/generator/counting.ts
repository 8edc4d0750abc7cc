/**
 * Loops that count as compilers write them: up or down, by any step, to a constant or a local, compared with any operation,
 * before or after the body. Where they begin is any number; where they end is a few steps from there.
 */
import { indexed, integer } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";

const BLOCK = 0x02, LOOP = 0x03, IF = 0x04, END = 0x0b, BR = 0x0c, BR_IF = 0x0d, EMPTY = 0x40;
const LOCAL_GET = 0x20, LOCAL_SET = 0x21, LOCAL_TEE = 0x22;
const EQZ = 0x45, NE = 0x47, ADD = 0x6a, SUB = 0x6b, MUL = 0x6c, AND = 0x71;

/** Comparisons that go on, by the direction of the steps; the inclusive ones last. */
const COMPARISONS = {
  up: [0x48, 0x49, NE, 0x4c, 0x4d], // lt_s lt_u ne le_s le_u
  down: [0x4a, 0x4b, NE, 0x4e, 0x4f], // gt_s gt_u ne ge_s ge_u
} as const;
const INCLUSIVE: ReadonlySet<number> = new Set([0x4c, 0x4d, 0x4e, 0x4f]);

const MOST_STEPS = 16;

interface Counting {
  readonly counter: number;
  readonly step: number;
  readonly compare: number;
  /** Pushes the limit. */
  readonly limit: () => void;
}

/** Writes what sets counter and limit. */
function begin(to: CodeWriter): Counting {
  const { random } = to,
    up = to.often(2),
    size = random.pick([1, 1, 1, 2, 4, 3, 8]),
    step = up ? size : -size;
  const compare = random.pick(up ? COMPARISONS.up : COMPARISONS.down), counter = to.reserve("i32");
  const constant = to.often(3), steps = 1 + random.below(MOST_STEPS);
  // Steps that could miss the limit, or a limit that is never passed, must be far from where numbers wrap around.
  const anywhere = compare === NE || size === 1 && !INCLUSIVE.has(compare);
  const first = anywhere ? to.interesting() : 0x1000 + random.below(0xf000);
  if (constant) to.emit(...integer(first));
  else {
    to.value("i32");
    if (!anywhere) to.emit(...integer(0xefff), AND, ...integer(0x1000), ADD);
  }
  to.emit(...indexed(LOCAL_SET, counter));
  if (constant) {
    const last = integer((first + step * steps) | 0);
    return { counter, step, compare, limit: () => to.emit(...last) };
  }
  const limit = to.reserve("i32");
  to.emit(...indexed(LOCAL_GET, counter));
  to.value("i32");
  to.emit(
    ...integer(MOST_STEPS - 1),
    AND,
    ...integer(1),
    ADD,
    ...integer(step),
    MUL,
    ADD,
    ...indexed(LOCAL_SET, limit),
  );
  return { counter, step, compare, limit: () => to.emit(...indexed(LOCAL_GET, limit)) };
}

function advance(to: CodeWriter, { counter, step }: Counting, opcode: number): void {
  const down = step < 0 && to.often(2);
  to.emit(...indexed(LOCAL_GET, counter), ...integer(down ? -step : step), down ? SUB : ADD);
  to.emit(...indexed(opcode, counter));
}

/** Little enough, as a rule, for an iteration to be cheap. */
function body(to: CodeWriter): void {
  const { room } = to;
  if (!to.often(4)) to.room = Math.min(room, 1 + to.random.below(6));
  const before = to.room;
  to.turns *= MOST_STEPS + 1;
  to.statements(3);
  to.turns /= MOST_STEPS + 1;
  to.room = room - (before - to.room);
}

/** `loop … br_if (counter != limit) end` */
function testedAfter(to: CodeWriter): void {
  const counting = begin(to);
  to.emit(LOOP, EMPTY);
  to.inside("closed", [], () => {
    body(to);
    advance(to, counting, LOCAL_TEE);
    counting.limit();
    to.emit(counting.compare, BR_IF, 0);
  });
  to.emit(END);
}

/** `block loop br_if (counter == limit) out … br loop end end` */
function testedBefore(to: CodeWriter): void {
  const counting = begin(to);
  to.emit(BLOCK, EMPTY, LOOP, EMPTY);
  to.inside("forward", [], () =>
    to.inside("closed", [], () => {
      to.emit(...indexed(LOCAL_GET, counting.counter));
      counting.limit();
      to.emit(counting.compare, EQZ, BR_IF, 1);
      body(to);
      advance(to, counting, LOCAL_SET);
      to.emit(BR, 0);
    }));
  to.emit(END, END);
}

/** `loop if (counter != limit) … br loop end end` */
function testedByIf(to: CodeWriter): void {
  const counting = begin(to);
  to.emit(LOOP, EMPTY);
  to.inside("closed", [], () => {
    to.emit(...indexed(LOCAL_GET, counting.counter));
    counting.limit();
    to.emit(counting.compare, IF, EMPTY);
    to.inside("forward", [], () => {
      body(to);
      advance(to, counting, LOCAL_SET);
      to.emit(BR, 1);
    });
    to.emit(END);
  });
  to.emit(END);
}

const mayCount = (to: CodeWriter): boolean => to.blueprint.loops && to.turns < MOST_STEPS;

export const COUNTING_FORMS: Forms = {
  statements: [
    { weight: 4, applies: mayCount, write: testedAfter },
    { weight: 2, applies: mayCount, write: testedBefore },
    { weight: 3, applies: mayCount, write: testedByIf },
  ],
};
