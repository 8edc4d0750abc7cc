/** Blocks, ifs and branches of every kind. */
import { indexed } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import type { ValueType } from "./value_type.ts";

const UNREACHABLE = 0x00, BLOCK = 0x02, IF = 0x04, ELSE = 0x05, END = 0x0b, BR_IF = 0x0d, RETURN = 0x0f;
const EMPTY = 0x40, DROP = 0x1a, SELECT_ONE_IN = 0x46;

/** Types that a block may take or give besides the one that is asked for. */
export function someTypes(to: CodeWriter, bound: number): ValueType[] {
  return to.blueprint.times(
    to.random.below(bound),
    () => to.often(8) ? to.random.pick(["funcref", "externref"]) : to.blueprint.numberType(),
  );
}

/** Inside a block: its parameters are used or stay, statements run, and its results are made. */
export function blockBody(to: CodeWriter, params: readonly ValueType[], results: readonly ValueType[]): void {
  const passed = params.length > 0 && params.length === results.length &&
    params.every((type, at) => type === results[at]);
  if (passed && to.often(2)) return to.statements(3);
  if (to.often(2)) to.statements(2);
  to.consume(params);
  to.statements(3);
  if (to.often(8)) to.end();
  else to.values(results);
}

function block(to: CodeWriter, results: readonly ValueType[]): void {
  const params = to.often(3) ? someTypes(to, 4) : [];
  to.values(params);
  to.emit(BLOCK, ...to.blockType(params, results));
  to.inside("forward", results, () => blockBody(to, params, results));
  to.emit(END);
}

function ifElse(to: CodeWriter, results: readonly ValueType[]): void {
  const params = to.often(4) ? someTypes(to, 3) : [];
  to.values(params);
  to.condition();
  to.emit(IF, ...to.blockType(params, results));
  to.inside("forward", results, () => blockBody(to, params, results));
  const same = params.length === results.length && params.every((type, at) => type === results[at]);
  if (!same || to.often(2)) {
    to.emit(ELSE);
    to.inside("forward", results, () => blockBody(to, params, results));
  }
  to.emit(END);
}

/** Something that gives several values, all but one of which are done away with. */
function oneOfMany(to: CodeWriter, type: ValueType, write: (results: readonly ValueType[]) => void): void {
  const more = someTypes(to, 3);
  write([type, ...more]);
  to.consume(more);
}

/** `block block … br_table end … end end`, with statements behind each end. */
function switchStatement(to: CodeWriter): void {
  const cases = 1 + to.random.below(4);
  for (let count = 0; count < cases; count++) to.emit(BLOCK, ...to.blockType([], []));
  for (let count = 0; count < cases; count++) to.labels.push({ types: [], kind: "forward" });
  const targets = to.labelsFor((types) => types.length === 0).filter((depth) =>
    to.label(depth).counter === undefined
  );
  to.branchTable(
    to.blueprint.times(1 + to.random.below(to.often(15) ? 200 : 6), () => to.random.pick(targets)),
  );
  if (to.often(4)) to.statement();
  for (let count = 0; count < cases; count++) {
    to.labels.pop();
    to.emit(END);
    to.statements(2);
    if (to.often(3)) to.branchIf(to.anyLabel());
  }
}

/** So many blocks that labels take two bytes inside, and one outside. */
function deepNest(to: CodeWriter): void {
  const depth = 115 + to.random.below(20);
  for (let count = 0; count < depth; count++) {
    to.emit(BLOCK, EMPTY);
    to.labels.push({ types: [], kind: "forward" });
  }
  for (let count = 0; count < 4; count++) {
    to.statement();
    // To what was there before.
    const outer = to.labelsFor(() => true).filter((label) => label >= depth);
    to.branchIf(to.random.pick(outer));
  }
  for (let count = 0; count < depth; count++) {
    to.labels.pop();
    to.emit(END);
    if (to.often(40)) to.statement();
  }
}

/** Depths of labels that branch tables may mix with the one at `depth`. */
function alike(to: CodeWriter, depth: number): number[] {
  const key = to.label(depth).types.join();
  return to.labelsFor((types) => types.join() === key);
}

const unguarded = (to: CodeWriter) => (depth: number) => to.label(depth).counter === undefined;

/** A branch where a reference is null: it is gone then, and cannot be null behind it. */
function branchOnNull(to: CodeWriter): void {
  const [depth] = to.labelsFor((types) => types.length < 3).filter(unguarded(to));
  if (depth === undefined) return;
  const { types } = to.label(depth);
  to.values(types);
  const number = to.random.pick(to.blueprint.referable());
  const type = to.often(3)
    ? "externref"
    : `ref null ${to.blueprint.type(to.blueprint.signature(number))}` as const;
  to.value(type);
  to.emit(...indexed(0xd5, depth), DROP);
  to.consume(types);
}

/** A block that is left with a reference unless it is null. */
function branchOnNonNull(to: CodeWriter): void {
  const number = to.random.pick(to.blueprint.referable());
  const type = to.blueprint.type(to.blueprint.signature(number));
  const results = [...someTypes(to, 2), `ref ${type}` as const];
  to.emit(BLOCK, ...to.blockType([], results));
  to.inside("forward", results, () => {
    to.statements(1);
    to.values(results.slice(0, -1));
    to.value(`ref null ${type}`);
    to.emit(0xd6, 0);
    to.statements(1);
    to.value(`ref ${type}`);
  });
  to.emit(END);
  to.consume(results);
}

export const CONTROL_FORMS: Forms = {
  values: [
    {
      weight: 3,
      applies: () => true,
      write: (to, type) => block(to, [type]),
    },
    { weight: 4, applies: () => true, write: (to, type) => ifElse(to, [type]) },
    {
      weight: 1,
      applies: () => true,
      write: (to, type) => oneOfMany(to, type, (results) => block(to, results)),
    },
    {
      weight: 1,
      applies: () => true,
      write: (to, type) => oneOfMany(to, type, (results) => ifElse(to, results)),
    },
    // A conditional branch whose value stays where it does not branch.
    {
      weight: 2,
      applies: (type, to) =>
        to.labelsFor((types) => types.length === 1 && types[0] === type).some(unguarded(to)),
      write: (to, type) => {
        const depths = to.labelsFor((types) => types.length === 1 && types[0] === type).filter(unguarded(to));
        to.value(type);
        to.condition();
        to.emit(...indexed(BR_IF, to.random.pick(depths)));
      },
    },
  ],
  statements: [
    { weight: 4, write: (to) => block(to, []) },
    { weight: 6, write: (to) => ifElse(to, []) },
    { weight: 8, write: (to) => to.branchIf(to.anyLabel()) },
    { weight: 3, write: switchStatement },
    { weight: 1, applies: (to) => to.labels.length < 8 && to.often(6), write: deepNest },
    { weight: 2, write: branchOnNull },
    { weight: 2, write: branchOnNonNull },
    // Some way out that is taken now and then.
    {
      weight: 5,
      write: (to) => {
        to.condition();
        to.emit(IF, ...to.blockType([], []));
        to.inside("forward", [], () => {
          to.statements(1);
          to.end();
        });
        if (to.often(3)) {
          to.emit(ELSE);
          to.inside("forward", [], () => to.often(3) ? to.end() : to.statements(2));
        }
        to.emit(END);
      },
    },
  ],
  ends: [
    {
      weight: 6,
      write: (to) => to.branch(to.random.pick(to.labelsFor(() => true).filter(unguarded(to)))),
    },
    {
      weight: 3,
      write: (to) => {
        const depth = to.random.pick(to.labelsFor(() => true).filter(unguarded(to)));
        const others = alike(to, depth).filter(unguarded(to));
        to.branchTable(to.blueprint.times(1 + to.random.below(4), () => to.random.pick(others)));
      },
    },
    {
      weight: 2,
      write: (to) => {
        to.values(to.shape.results);
        to.emit(RETURN);
      },
    },
    {
      weight: 1,
      write: (to) => {
        // Now and then it really traps; else the function returns.
        to.draw(4);
        to.emit(0x41, 3, SELECT_ONE_IN, IF, 0x40, UNREACHABLE, END);
        to.values(to.shape.results);
        to.emit(RETURN);
      },
    },
  ],
};
