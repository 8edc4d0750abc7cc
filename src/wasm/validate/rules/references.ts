/** References without regard to what they point to: null, functions, equality, casts. */
import {
  abstractRef,
  BOTTOM,
  concreteRef,
  formatType,
  HEAP,
  I32,
  isRef,
  NULLABLE,
  type ValueType,
} from "../../types.ts";
import type { CodeState } from "../code_state.ts";
import type { InstructionReader } from "../../instructions.ts";
import { branchOrStay } from "./control.ts";
import type { Rules } from "./rule.ts";

const EQREF = abstractRef(HEAP.eq, true);

/** The same reference without null. */
function nonNull(type: ValueType): ValueType {
  return type & ~NULLABLE;
}

/** What a cast to `target` may be applied to: the top of its hierarchy. */
function topOf(state: CodeState, target: ValueType): ValueType {
  return abstractRef(state.context.types.top(target), true);
}

function refTest(state: CodeState, reader: InstructionReader): void {
  state.pop(topOf(state, state.useType(reader.heapType)));
  state.push(I32);
}

function refCast(state: CodeState, reader: InstructionReader): void {
  const target = state.useType(reader.heapType);
  state.pop(topOf(state, target));
  state.push(target);
}

/** What a reference of type `from` is when it is known not to be of type `target`. */
function without(from: ValueType, target: ValueType): ValueType {
  return (target & NULLABLE) !== 0 ? nonNull(from) : from;
}

/** Branches on a cast: `taken` goes to the label, `kept` goes on. */
function branchOnCast(
  state: CodeState,
  reader: InstructionReader,
  outcome: (from: ValueType, target: ValueType) => readonly [taken: ValueType, kept: ValueType],
): void {
  const from = state.useType(reader.heapType);
  const target = state.useType(reader.heapType2);
  if (!state.context.isSubtype(target, from)) {
    throw state.error(`${state.mnemonic()} cannot cast ${formatType(from)} to ${formatType(target)}`);
  }
  const label = state.labelTypes(reader.index);
  const last = label[label.length - 1];
  const [taken, kept] = outcome(from, target);
  state.pop(from);
  if (last === undefined || !state.context.isSubtype(taken, last)) {
    throw state.error(
      `${state.mnemonic()} branches with ${formatType(taken)}, its label takes ${
        last === undefined ? "nothing" : formatType(last)
      }`,
    );
  }
  branchOrStay(state, label, label.length - 1);
  state.push(kept);
}

export const REFERENCE_RULES: Rules = {
  "ref.null": (state, reader) => state.push(state.useType(reader.heapType)),

  "ref.is_null": (state) => {
    state.popRef();
    state.push(I32);
  },

  "ref.func": (state, reader) => {
    const { module, declaredFunctions } = state.context;
    const typeIndex = module.functions[reader.index];
    if (typeIndex === undefined) throw state.unknown("function", reader.index, module.functions.length);
    if (declaredFunctions[reader.index] !== 1) {
      throw state.error(
        `ref.func names function ${reader.index}, which no export, element or global declares`,
      );
    }
    state.push(concreteRef(typeIndex, false));
  },

  "ref.as_non_null": (state) => state.push(nonNull(state.popRef())),

  "ref.eq": (state) => {
    state.pop(EQREF);
    state.pop(EQREF);
    state.push(I32);
  },

  "br_on_null": (state, reader) => {
    const type = state.popRef();
    branchOrStay(state, state.labelTypes(reader.index));
    state.push(nonNull(type));
  },

  "br_on_non_null": (state, reader) => {
    const label = state.labelTypes(reader.index);
    const last = label[label.length - 1];
    if (last === undefined || !isRef(last)) {
      throw state.error("br_on_non_null expects a label whose last type is a reference");
    }
    const type = state.popRef();
    if (type !== BOTTOM && !state.context.isSubtype(nonNull(type), last)) {
      throw state.mismatch(formatType(last), nonNull(type));
    }
    branchOrStay(state, label, label.length - 1);
  },

  "ref.test": refTest,
  "ref.test null": refTest,
  "ref.cast": refCast,
  "ref.cast null": refCast,
  "br_on_cast": (state, reader) =>
    branchOnCast(state, reader, (from, target) => [target, without(from, target)]),
  "br_on_cast_fail": (state, reader) =>
    branchOnCast(state, reader, (from, target) => [without(from, target), target]),

  "any.convert_extern": (state) => convert(state, HEAP.extern, HEAP.any),
  "extern.convert_any": (state) => convert(state, HEAP.any, HEAP.extern),
};

/** Moves a reference into the other hierarchy; it stays nullable if it was. */
function convert(state: CodeState, from: number, to: number): void {
  const expected = abstractRef(from, true);
  const type = state.popAny(formatType(expected));
  if (!state.context.isSubtype(type, expected)) throw state.mismatch(formatType(expected), type);
  state.push(abstractRef(to, (type & NULLABLE) !== 0));
}
