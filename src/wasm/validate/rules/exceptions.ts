/** Exceptions, old (try, catch, delegate, rethrow) and new (try_table, throw_ref). */
import { CATCH_KIND } from "../../catch_kind.ts";
import { type InstructionReader } from "../../instructions.ts";
import type { FunctionType } from "../../module.ts";
import { abstractRef, EXNREF, formatType, HEAP, type ValueType } from "../../types.ts";
import { type CodeState, FRAME } from "../code_state.ts";
import { EMPTY_TYPE } from "../module_context.ts";
import { blockType } from "./control.ts";
import type { Rules } from "./rule.ts";

const EXN = abstractRef(HEAP.exn, false);

function tagType(state: CodeState, index: number): FunctionType {
  const { tags } = state.context.module;
  const tag = tags[index];
  if (tag === undefined) throw state.unknown("tag", index, tags.length);
  return state.functionType(tag.typeIndex);
}

/** Checks one clause of try_table: what it takes along must fit its label, which is counted outside of the block. */
function checkClause(state: CodeState, clause: { kind: number; tag: number; label: number }): void {
  const { kind } = clause;
  const hasTag = kind === CATCH_KIND.catch || kind === CATCH_KIND.catch_ref;
  const { params } = hasTag ? tagType(state, clause.tag) : EMPTY_TYPE;
  const hasReference = kind === CATCH_KIND.catch_ref || kind === CATCH_KIND.catch_all_ref;
  const label = state.labelTypes(clause.label);
  const length = params.length + (hasReference ? 1 : 0);
  const given = (index: number): ValueType => params[index] ?? EXN;
  state.spend(length);
  if (label.length !== length) {
    throw state.error(`try_table catches ${length} values, label ${clause.label} takes ${label.length}`);
  }
  label.forEach((expected, index) => {
    if (!state.context.isSubtype(given(index), expected)) {
      throw state.error(
        `try_table catches ${formatType(given(index))}, label ${clause.label} takes ${formatType(expected)}`,
      );
    }
  });
}

/** Ends the part before a clause of an old `try` and starts the clause. */
function openClause(state: CodeState, kind: number): void {
  state.useOldExceptions();
  const open = state.frameKind(0);
  if (open !== FRAME.try && open !== FRAME.catch) {
    throw state.error(`${state.mnemonic()} has no try before it`);
  }
  state.checkResults();
  state.restartFrame(kind);
  state.keepException();
}

export const EXCEPTION_RULES: Rules = {
  "throw": (state, reader) => {
    state.popAll(tagType(state, reader.index).params);
    state.markDead();
  },

  "throw_ref": (state) => {
    state.useNewExceptions();
    state.pop(EXNREF);
    state.markDead();
  },

  "try_table": (state, reader: InstructionReader) => {
    state.useNewExceptions();
    const type = blockType(state, reader);
    for (let at = 0; at < reader.catchCount; at++) {
      checkClause(state, {
        kind: reader.catchKinds[at] ?? 0,
        tag: reader.catchTags[at] ?? 0,
        label: reader.catchLabels[at] ?? 0,
      });
    }
    state.openBlock(FRAME.tryTable, type);
  },

  "try": (state, reader) => {
    state.useOldExceptions();
    state.openBlock(FRAME.try, blockType(state, reader));
  },

  "catch": (state, reader) => {
    openClause(state, FRAME.catch);
    state.pushAll(tagType(state, reader.index).params);
  },

  "catch_all": (state) => openClause(state, FRAME.catchAll),

  "delegate": (state, reader) => {
    state.useOldExceptions();
    if (state.frameKind(0) !== FRAME.try) throw state.error("delegate has no try before it");
    state.checkResults();
    const { results } = state.frameType(0);
    state.popFrame();
    state.labelTypes(reader.index);
    state.pushAll(results);
  },

  "rethrow": (state, reader) => {
    state.useOldExceptions();
    state.labelTypes(reader.index);
    const kind = state.frameKind(reader.index);
    if (kind !== FRAME.catch && kind !== FRAME.catchAll) {
      throw state.error(`rethrow names label ${reader.index}, which is no catch`);
    }
    state.markDead();
  },
};
