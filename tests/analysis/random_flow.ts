/**
 * Modules of random control flow: blocks, branches, calls and exceptions nested at will, statements in dead code
 * included. Which way they take depends on a number that each branch draws anew; all of them end, since loops and
 * functions count down steps and return when none is left.
 */
import {
  body,
  type Bytes,
  EMPTY,
  END,
  exportOf,
  funcType,
  I32,
  importOf,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  sleb,
  vec,
} from "../wasm/module_builder.ts";
import type { Random } from "../wasm/random.ts";

/** Which exception instructions a module has; V8 takes no mixture. */
export type Generation = "none" | "new" | "old";

const STATE = 0, STEPS = 1;
const FUNCTIONS = 4, MOST_DEPTH = 6;

const NOP = 0x01, BLOCK = 0x02, LOOP = 0x03, IF = 0x04, ELSE = 0x05;
const TRY = 0x06, CATCH = 0x07, THROW = 0x08, RETHROW = 0x09, DELEGATE = 0x18, CATCH_ALL = 0x19;
const BR = 0x0c,
  BR_IF = 0x0d,
  BR_TABLE = 0x0e,
  RETURN = 0x0f,
  CALL = 0x10,
  CALL_INDIRECT = 0x11,
  RETURN_CALL = 0x12,
  TRY_TABLE = 0x1f;
const DROP = 0x1a, GET = 0x23, SET = 0x24, CONST = 0x41;
const EQZ = 0x45, ADD = 0x6a, SUB = 0x6b, MUL = 0x6c, AND = 0x71, SHR_U = 0x76, LE_S = 0x4c;

const constant = (value: number): Bytes => [CONST, ...sleb(value)];

/** Draws a number below 2^`bits` and leaves it on the stack. */
const draw = (bits: number): Bytes => [
  ...[GET, STATE, ...constant(1103515245), MUL, ...constant(12345), ADD, SET, STATE],
  ...[GET, STATE, ...constant(16), SHR_U, ...constant((1 << bits) - 1), AND],
];

/** Returns when no step is left. */
const STEP: Bytes = [
  ...[GET, STEPS, ...constant(1), SUB, SET, STEPS],
  ...[GET, STEPS, ...constant(0), LE_S, IF, EMPTY, RETURN, END],
];

/** What a function may call: functions by index, of this module and, by way of a table, of others. */
interface Callees {
  readonly functions: number;
  readonly elements: number;
}

class FlowWriter {
  /** Whether each open label, innermost last, is that of an old catch clause, whose exception can be thrown again. */
  readonly #labels: boolean[] = [false];

  constructor(readonly random: Random, readonly generation: Generation, readonly callees: Callees) {}

  function(): Bytes {
    return [...STEP, ...this.#statements(5)];
  }

  #statements(most: number): Bytes {
    const count = this.random.below(most);
    return join(Array.from({ length: count + 1 }, () => this.#statement()));
  }

  #within(isCatch: boolean, write: () => Bytes): Bytes {
    this.#labels.push(isCatch);
    const code = write();
    this.#labels.pop();
    return code;
  }

  #label(): number {
    return this.random.below(this.#labels.length);
  }

  #statement(): Bytes {
    const { random } = this, deep = this.#labels.length > MOST_DEPTH;
    switch (random.below(deep ? 7 : 14)) {
      case 0:
        return [NOP, ...constant(random.below(1000)), ...constant(7), ADD, DROP];
      case 1:
        return [...draw(1), BR_IF, ...leb(this.#label())];
      case 2:
        return [...draw(2), BR_IF, ...leb(this.#label())];
      case 3:
        return random.below(3) > 0 ? [...draw(1), EQZ, DROP] : [BR, ...leb(this.#label())];
      case 4:
        return [
          ...draw(2),
          ...[BR_TABLE, 2, ...leb(this.#label()), ...leb(this.#label()), ...leb(this.#label())],
        ];
      case 5:
        return this.#call();
      case 6:
        return this.#leave();
      case 7:
      case 8:
        return [BLOCK, EMPTY, ...this.#within(false, () => this.#statements(4)), END];
      case 9:
        return [LOOP, EMPTY, ...this.#within(false, () => [...STEP, ...this.#statements(4)]), END];
      case 10:
        return [...draw(1), IF, EMPTY, ...this.#within(false, () => this.#statements(3)), END];
      case 11:
        return [
          ...[...draw(1), IF, EMPTY, ...this.#within(false, () => this.#statements(3))],
          ...[ELSE, ...this.#within(false, () => this.#statements(3)), END],
        ];
      default:
        return this.#try();
    }
  }

  #call(): Bytes {
    const { random, callees } = this, tail = random.below(5) === 0 ? RETURN_CALL - CALL : 0;
    const callee = random.below(callees.functions + callees.elements), element = callee - callees.functions;
    return element < 0 ? [CALL + tail, ...leb(callee)] : [...constant(element), CALL_INDIRECT + tail, 0, 0];
  }

  #leave(): Bytes {
    const { random, generation } = this, way = random.below(3);
    if (way === 0 || generation === "none") return [...draw(1), IF, EMPTY, RETURN, END];
    const caught = this.#labels.map((isCatch, index) => isCatch ? this.#labels.length - 1 - index : -1)
      .filter((label) => label >= 0);
    if (way === 1 && caught.length > 0) return [RETHROW, ...leb(random.pick(caught))];
    return way === 1 ? [THROW, 0] : [...draw(1), IF, EMPTY, THROW, random.below(2), END];
  }

  #try(): Bytes {
    const { random, generation } = this;
    if (generation === "none") return this.#call();
    if (generation === "new") {
      const clauses = [[0x00, 0, ...leb(this.#label())], [0x02, ...leb(this.#label())]];
      const chosen = random.below(3) === 0 ? clauses : [random.pick(clauses)];
      return [TRY_TABLE, EMPTY, ...vec(chosen), ...this.#within(false, () => this.#statements(4)), END];
    }
    const tried = [TRY, EMPTY, ...this.#within(false, () => this.#statements(4))];
    switch (random.below(4)) {
      case 0:
        return [...tried, DELEGATE, ...leb(this.#label())];
      case 1:
        return [...tried, CATCH, 0, ...this.#within(true, () => this.#statements(3)), END];
      default:
        return [
          ...[...tried, CATCH, 0, ...this.#within(true, () => this.#statements(3))],
          ...[CATCH_ALL, ...this.#within(true, () => this.#statements(3)), END],
        ];
    }
  }
}

/** What the exported function does first: it takes the number to draw from and the steps, and catches everything. */
function entry(generation: Generation): Bytes {
  const start = [0x20, 0, SET, STATE, 0x20, 1, SET, STEPS];
  if (generation === "none") return [...start, CALL, 0];
  if (generation === "new") return [...start, TRY_TABLE, EMPTY, 1, 0x02, 0, CALL, 0, END];
  return [...start, TRY, EMPTY, CALL, 0, CATCH_ALL, END];
}

/** A module that exports `run(number, steps)` and the globals `state` and `steps`. */
export function randomFlow(random: Random, generation: Generation): Uint8Array<ArrayBuffer> {
  const bodies = Array.from(
    { length: FUNCTIONS },
    () => body([], new FlowWriter(random, generation, { functions: FUNCTIONS, elements: 0 }).function()),
  );
  return rawModule(
    section(SECTION.type, vec([funcType([], []), funcType([I32, I32], [])])),
    section(SECTION.function, [FUNCTIONS + 1, ...new Array(FUNCTIONS).fill(0), 1]),
    ...(generation === "none" ? [] : [section(SECTION.tag, vec([[0, 0], [0, 0]]))]),
    section(SECTION.global, vec([[I32, 1, ...constant(0), END], [I32, 1, ...constant(0), END]])),
    section(
      SECTION.export,
      vec([exportOf("run", 0, FUNCTIONS), exportOf("state", 3, STATE), exportOf("steps", 3, STEPS)]),
    ),
    section(SECTION.code, vec([...bodies, body([], entry(generation))])),
  );
}

/** Elements of the table through which linked modules call each other. */
export const LINKED_ELEMENTS: number = 3 * FUNCTIONS;

/**
 * Modules that call each other through a table. Each imports, in this order: the globals `state` and `steps`, the table,
 * and, if there are exceptions, two tags. Each exports `run`.
 */
export function randomLinkedFlow(random: Random, generation: Generation): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: 3 }, (_, index) => {
    const callees = { functions: FUNCTIONS, elements: LINKED_ELEMENTS };
    const bodies = Array.from(
      { length: FUNCTIONS },
      () => body([], new FlowWriter(random, generation, callees).function()),
    );
    const imports = [[3, I32, 1], [3, I32, 1], [1, 0x70, 0, ...leb(LINKED_ELEMENTS)]];
    if (generation !== "none") imports.push([4, 0, 0], [4, 0, 0]);
    const functions = Array.from({ length: FUNCTIONS }, (_, number) => number);
    return rawModule(
      section(SECTION.type, vec([funcType([], []), funcType([I32, I32], [])])),
      section(SECTION.import, vec(imports.map((type, place) => importOf("shared", String(place), type)))),
      section(SECTION.function, [FUNCTIONS + 1, ...new Array(FUNCTIONS).fill(0), 1]),
      section(SECTION.export, vec([exportOf("run", 0, FUNCTIONS)])),
      section(
        SECTION.element,
        vec([[0, ...constant(index * FUNCTIONS), END, ...vec(functions.map((f) => leb(f)))]]),
      ),
      section(SECTION.code, vec([...bodies, body([], entry(generation))])),
    );
  });
}
