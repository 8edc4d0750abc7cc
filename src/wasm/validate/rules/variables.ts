/** Locals and globals. The hot loop has a copy of `local.get` for the common case. */
import type { CodeState } from "../code_state.ts";
import type { ValueType } from "../../types.ts";
import type { Rules } from "./rule.ts";

function localType(state: CodeState, index: number): ValueType {
  if (index >= state.locals.count) throw state.unknown("local", index, state.locals.count);
  return state.locals.typeOf(index);
}

function globalType(state: CodeState, index: number): ValueType {
  const type = state.context.globalTypes[index];
  if (type === undefined) throw state.unknown("global", index, state.context.globalTypes.length);
  return type;
}

export const VARIABLE_RULES: Rules = {
  "local.get": (state, reader) => {
    const type = localType(state, reader.index);
    if (state.locals.tracked && state.locals.isUnset(reader.index)) {
      throw state.error(`local.get reads local ${reader.index}, which has no value yet`);
    }
    state.push(type);
  },

  "local.set": (state, reader) => {
    state.pop(localType(state, reader.index));
    if (state.locals.tracked) state.locals.set(reader.index);
  },

  "local.tee": (state, reader) => {
    const type = localType(state, reader.index);
    state.pop(type);
    if (state.locals.tracked) state.locals.set(reader.index);
    state.push(type);
  },

  "global.get": (state, reader) => state.push(globalType(state, reader.index)),

  "global.set": (state, reader) => {
    const type = globalType(state, reader.index);
    if (state.context.globalMutable[reader.index] !== 1) {
      throw state.error(`global.set writes global ${reader.index}, which is immutable`);
    }
    state.pop(type);
  },
};
