/** Tables and element segments. */
import { formatType, I32, I64, type ValueType } from "../../types.ts";
import type { CodeState } from "../code_state.ts";
import type { Rules } from "./rule.ts";

/** The type that indexes a table: i32 or i64. */
export function tableAddress(state: CodeState, index: number): ValueType {
  const address = state.context.tableAddresses[index];
  if (address === undefined) throw state.unknown("table", index, state.context.tableAddresses.length);
  return address;
}

/** The element type of a table that {@linkcode tableAddress} has found. */
function element(state: CodeState, index: number): ValueType {
  return state.context.tableElements[index] ?? 0;
}

/** The type of an element segment. */
export function segmentType(state: CodeState, index: number): ValueType {
  const type = state.context.segmentTypes[index];
  if (type === undefined) throw state.unknown("element segment", index, state.context.segmentTypes.length);
  return type;
}

function checkCopy(state: CodeState, from: ValueType, to: ValueType): void {
  if (!state.context.isSubtype(from, to)) {
    throw state.error(`${state.mnemonic()} cannot put ${formatType(from)} into a table of ${formatType(to)}`);
  }
}

export const TABLE_RULES: Rules = {
  "table.get": (state, reader) => {
    state.pop(tableAddress(state, reader.index));
    state.push(element(state, reader.index));
  },

  "table.set": (state, reader) => {
    const address = tableAddress(state, reader.index);
    state.pop(element(state, reader.index));
    state.pop(address);
  },

  "table.size": (state, reader) => state.push(tableAddress(state, reader.index)),

  "table.grow": (state, reader) => {
    const address = tableAddress(state, reader.index);
    state.pop(address);
    state.pop(element(state, reader.index));
    state.push(address);
  },

  "table.fill": (state, reader) => {
    const address = tableAddress(state, reader.index);
    state.pop(address);
    state.pop(element(state, reader.index));
    state.pop(address);
  },

  "table.copy": (state, reader) => {
    const to = tableAddress(state, reader.index);
    const from = tableAddress(state, reader.index2);
    checkCopy(state, element(state, reader.index2), element(state, reader.index));
    state.pop(to === I64 && from === I64 ? I64 : I32);
    state.pop(from);
    state.pop(to);
  },

  "table.init": (state, reader) => {
    const type = segmentType(state, reader.index);
    const address = tableAddress(state, reader.index2);
    checkCopy(state, type, element(state, reader.index2));
    state.pop(I32);
    state.pop(I32);
    state.pop(address);
  },

  "elem.drop": (state, reader) => {
    segmentType(state, reader.index);
  },
};
