/** Blocks, branches, and the parametric instructions. */
import { BLOCK_KIND, type InstructionReader } from "../../instructions.ts";
import type { FunctionType } from "../../module.ts";
import { BOTTOM, formatType, I32, isRef, type ValueType } from "../../types.ts";
import { type CodeState, FRAME } from "../code_state.ts";
import { EMPTY_TYPE } from "../module_context.ts";
import type { Rules } from "./rule.ts";

/** The type of a block from its immediate. */
export function blockType(state: CodeState, reader: InstructionReader): FunctionType {
  if (reader.blockKind === BLOCK_KIND.empty) return EMPTY_TYPE;
  if (reader.blockKind === BLOCK_KIND.index) return state.functionType(reader.blockType);
  return state.context.valueBlock(state.useType(reader.blockType));
}

/** Takes what a conditional branch would take along and gives it back with the types that its label has. */
export function branchOrStay(state: CodeState, types: readonly ValueType[], count = types.length): void {
  if (count === 0) return;
  state.popAll(types, count);
  state.pushAll(types, count);
}

/** An `if` without `else` gives its parameters as its results. */
function checkMissingElse(state: CodeState): void {
  const { params, results } = state.frameType(0);
  state.spend(params.length);
  const fits = params.length === results.length &&
    results.every((result, index) => state.context.isSubtype(params[index] ?? BOTTOM, result));
  if (!fits) throw state.error("if without else must give its parameters as results");
}

function checkLabels(state: CodeState, reader: InstructionReader): void {
  const last = state.labelTypes(reader.labels[reader.labelCount - 1] ?? 0);
  state.checkTop(last);
  let checked = last;
  for (let at = 0; at < reader.labelCount - 1; at++) {
    const types = state.labelTypes(reader.labels[at] ?? 0);
    if (types === checked) {
      state.spend(types.length); // V8 looks at each
      continue;
    }
    if (types.length !== last.length) {
      throw state.error(`br_table has labels that take ${last.length} and ${types.length} operands`);
    }
    state.checkTop(types);
    checked = types;
  }
}

/** Takes one of the two operands that `select` without a type chooses from: references need the type. */
function popSelectable(state: CodeState): ValueType {
  const type = state.popAny("a number or vector");
  if (isRef(type)) throw state.mismatch("a number or vector", type);
  return type;
}

export const CONTROL_RULES: Rules = {
  "unreachable": (state) => state.markDead(),

  "block": (state, reader) => state.openBlock(FRAME.block, blockType(state, reader)),

  "loop": (state, reader) => state.openBlock(FRAME.loop, blockType(state, reader)),

  "if": (state, reader) => {
    const type = blockType(state, reader);
    state.pop(I32);
    state.openBlock(FRAME.if, type);
  },

  "else": (state) => {
    if (state.frameKind(0) !== FRAME.if) throw state.error("else has no if before it");
    state.checkResults();
    state.restartFrame(FRAME.else);
    state.pushAll(state.frameType(0).params);
  },

  "end": (state) => {
    if (state.frameKind(0) === FRAME.if) checkMissingElse(state);
    state.checkResults();
    const { results } = state.frameType(0);
    state.popFrame();
    if (state.depth > 0 && results.length > 0) state.pushAll(results);
  },

  "br": (state, reader) => {
    state.popAll(state.labelTypes(reader.index));
    state.markDead();
  },

  "br_if": (state, reader) => {
    state.pop(I32);
    branchOrStay(state, state.labelTypes(reader.index));
  },

  "br_table": (state, reader) => {
    state.pop(I32);
    checkLabels(state, reader);
    state.markDead();
  },

  "return": (state) => {
    state.popAll(state.type.results);
    state.markDead();
  },

  "drop": (state) => {
    state.popAny();
  },

  "select": (state) => {
    state.pop(I32);
    const second = popSelectable(state);
    const first = popSelectable(state);
    if (first !== second && first !== BOTTOM && second !== BOTTOM) {
      throw state.mismatch(`two of one type, ${formatType(first)}`, second);
    }
    state.push(first === BOTTOM ? second : first);
  },

  "select t": (state, reader) => {
    const [type] = reader.types;
    if (type === undefined || reader.types.length !== 1) {
      throw state.error(`select names ${reader.types.length} types, it must name one`);
    }
    state.useType(type);
    state.pop(I32);
    state.pop(type);
    state.pop(type);
    state.push(type);
  },
};
