/** Throwing and catching, in the new instructions and the old. */
import { indexed } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import { blockBody, someTypes } from "./control.ts";
import { freeLoop } from "./loops.ts";
import type { ValueType } from "./value_type.ts";
import { type Bytes, leb } from "../../wasm/module_builder.ts";

const BLOCK = 0x02,
  IF = 0x04,
  TRY = 0x06,
  CATCH = 0x07,
  THROW = 0x08,
  RETHROW = 0x09,
  THROW_REF = 0x0a,
  END = 0x0b;
const BR = 0x0c, DELEGATE = 0x18, CATCH_ALL = 0x19, TRY_TABLE = 0x1f, REF_IS_NULL = 0xd1, I32_EQZ = 0x45;
const LOCAL_GET = 0x20, EMPTY = 0x40;

/** A clause of `try_table` by its bytes, and what it puts on the stack. */
interface Clause {
  readonly bytes: Bytes;
  readonly types: readonly ValueType[];
}

/** All clauses there are in a module: each tag with and without its exception, and the two that catch all. */
function clauses(to: CodeWriter): Clause[] {
  return [
    ...to.blueprint.tags.flatMap((types, tag): Clause[] => [
      { bytes: [0, ...leb(tag)], types },
      { bytes: [1, ...leb(tag)], types: [...types, "exnref"] },
    ]),
    { bytes: [2], types: [] },
    { bytes: [3], types: ["exnref"] },
  ];
}

/** Labels that are open already and take what a clause gives; a counted loop would need a look at its counter. */
function labelsOf(to: CodeWriter, clause: Clause): number[] {
  const key = clause.types.join();
  return to.labelsFor((types) => types.join() === key).filter((depth) =>
    to.label(depth).counter === undefined
  );
}

/**
 * `block … block try_table … end br end … end`: a block for each clause that has one of its own; other clauses lead to
 * labels that are there, loops and the function's own among them.
 */
function tryTable(to: CodeWriter, results: readonly ValueType[]): void {
  const all = clauses(to), chosen = to.blueprint.times(1 + to.random.below(3), () => to.random.pick(all));
  const plan = chosen.map((clause) => {
    const labels = labelsOf(to, clause), loops = labels.filter((depth) => to.label(depth).kind === "free");
    const preferred = loops.length > 0 && to.often(2) ? loops : labels;
    return { clause, outer: preferred.length > 0 && !to.often(3) ? to.random.pick(preferred) : undefined };
  });
  const own = plan.filter(({ outer }) => outer === undefined).map(({ clause }) => clause);
  to.emit(BLOCK, ...to.blockType([], results));
  to.labels.push({ types: results, kind: "forward" });
  for (const { types } of own) {
    to.emit(BLOCK, ...to.blockType([], types));
    to.labels.push({ types, kind: "forward" });
  }
  let nextOwn = 0;
  const bytes = plan.map(({ clause, outer }) => [
    ...clause.bytes,
    ...leb(outer === undefined ? own.length - 1 - nextOwn++ : outer + own.length + 1),
  ]);
  const inner = to.often(2) ? results : someTypes(to, 3), params = to.often(5) ? someTypes(to, 3) : [];
  to.values(params);
  to.emit(TRY_TABLE, ...to.blockType(params, inner), ...leb(bytes.length), ...bytes.flat());
  to.inside("forward", inner, () => blockBody(to, params, inner));
  to.emit(END);
  if (inner !== results) {
    to.consume(inner);
    to.values(results);
  }
  to.emit(...indexed(BR, own.length));
  // Innermost first: the last one's block is closed first.
  for (const [at, { types }] of own.toReversed().entries()) {
    to.labels.pop();
    to.emit(END);
    to.consume(types);
    to.statements(2);
    if (to.often(6)) to.end();
    else {
      to.values(results);
      const rest = own.length - 1 - at;
      if (rest > 0) to.emit(...indexed(BR, rest));
    }
  }
  to.labels.pop();
  to.emit(END);
}

/** Tries again and again: what is thrown inside leads back to the loop, while there are steps. */
function tryAgain(to: CodeWriter): void {
  freeLoop(to, [], () => {
    // Or to the function's label, if that takes nothing.
    const out = to.shape.results.length === 0 && to.often(3);
    to.emit(TRY_TABLE, EMPTY, 1, 2, ...leb(out ? to.labels.length - 1 : 0));
    to.inside("forward", [], () => {
      to.statement();
      to.statements(3);
      to.condition();
      to.emit(IF, EMPTY);
      to.inside("forward", [], () => throwTag(to));
      to.emit(END);
    });
    to.emit(END);
  });
}

function oldTry(to: CodeWriter, results: readonly ValueType[]): void {
  const params = to.often(4) ? someTypes(to, 3) : [];
  to.values(params);
  to.emit(TRY, ...to.blockType(params, results));
  to.inside("forward", results, () => blockBody(to, params, results));
  if (to.often(4)) return to.emit(...indexed(DELEGATE, to.random.below(to.labels.length)));
  for (const [tag, types] of to.blueprint.tags.entries()) {
    if (to.often(2)) continue;
    to.emit(...indexed(CATCH, tag));
    to.inside("forward", results, () => handler(to, types, results), { caught: true });
  }
  if (!to.often(3)) {
    to.emit(CATCH_ALL);
    to.inside("forward", results, () => handler(to, [], results), { caught: true });
  }
  to.emit(END);
}

function handler(to: CodeWriter, types: readonly ValueType[], results: readonly ValueType[]): void {
  to.consume(types);
  to.statements(2);
  if (to.often(5)) to.end();
  else to.values(results);
}

function someTry(to: CodeWriter, results: readonly ValueType[]): void {
  if (to.blueprint.generation === "old") oldTry(to, results);
  else tryTable(to, results);
}

const mayThrow = (to: CodeWriter): boolean => to.blueprint.generation !== "none";
const mayTryAgain = ({ blueprint, shape }: CodeWriter): boolean =>
  blueprint.generation === "new" && blueprint.loops && !shape.leaf;
const caughtLabels = (to: CodeWriter): number[] =>
  to.labels.toReversed().flatMap((label, depth) => label.caught === true ? [depth] : []);

function throwTag(to: CodeWriter): void {
  const tag = to.random.below(to.blueprint.tags.length);
  to.values(to.blueprint.tags[tag] ?? []);
  to.emit(...indexed(THROW, tag));
}

export const EXCEPTION_FORMS: Forms = {
  values: [{ weight: 4, applies: (_, to) => mayThrow(to), write: (to, type) => someTry(to, [type]) }],
  statements: [
    { weight: 8, applies: mayThrow, write: (to) => someTry(to, []) },
    { weight: 4, applies: mayTryAgain, write: tryAgain },
    {
      weight: 4,
      applies: mayThrow,
      write: (to) => {
        to.condition();
        to.emit(IF, EMPTY);
        to.inside("forward", [], () => throwTag(to));
        to.emit(END);
      },
    },
    {
      weight: 2,
      applies: (to) => to.readable("exnref") !== undefined,
      write: (to) => {
        const local = to.readable("exnref") ?? 0;
        if (!to.often(10)) to.emit(...indexed(LOCAL_GET, local), REF_IS_NULL, I32_EQZ);
        else to.draw(3);
        to.emit(IF, EMPTY, ...indexed(LOCAL_GET, local), THROW_REF, END);
      },
    },
  ],
  ends: [
    { weight: 3, applies: mayThrow, write: throwTag },
    {
      weight: 6,
      applies: (to) => caughtLabels(to).length > 0,
      write: (to) => to.emit(...indexed(RETHROW, to.random.pick(caughtLabels(to)))),
    },
  ],
};
