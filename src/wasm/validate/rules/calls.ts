/** Calls of all kinds. A tail call gives its results in place of the caller's. */
import type { FunctionType } from "../../module.ts";
import { concreteRef, formatType, FUNCREF } from "../../types.ts";
import type { CodeState } from "../code_state.ts";
import type { InstructionReader } from "../../instructions.ts";
import type { Rules } from "./rule.ts";
import { tableAddress } from "./tables.ts";

function callee(state: CodeState, reader: InstructionReader): FunctionType {
  const { functions } = state.context.module;
  const typeIndex = functions[reader.index];
  if (typeIndex === undefined) throw state.unknown("function", reader.index, functions.length);
  return state.functionType(typeIndex);
}

function indirectCallee(state: CodeState, reader: InstructionReader): FunctionType {
  const type = state.functionType(reader.index);
  const address = tableAddress(state, reader.index2);
  const element = state.context.tableElements[reader.index2] ?? 0;
  if (!state.context.isSubtype(element, FUNCREF)) {
    throw state.error(`${state.mnemonic()} expects a table of functions, found ${formatType(element)}`);
  }
  state.pop(address);
  return type;
}

function referredCallee(state: CodeState, reader: InstructionReader): FunctionType {
  const type = state.functionType(reader.index);
  state.pop(concreteRef(reader.index, true));
  return type;
}

function call(state: CodeState, type: FunctionType): void {
  state.popAll(type.params);
  state.pushAll(type.results);
}

function tailCall(state: CodeState, { params, results }: FunctionType): void {
  const own = state.type.results;
  if (results.length !== own.length) {
    throw state.error(
      `${state.mnemonic()} gives ${results.length} results, the function gives ${own.length}`,
    );
  }
  state.spend(own.length);
  own.forEach((expected, index) => {
    const found = results[index] ?? expected;
    if (!state.context.isSubtype(found, expected)) {
      throw state.mismatch(`result ${formatType(expected)}`, found);
    }
  });
  state.popAll(params);
  state.markDead();
}

export const CALL_RULES: Rules = {
  "call": (state, reader) => call(state, callee(state, reader)),
  "call_indirect": (state, reader) => call(state, indirectCallee(state, reader)),
  "call_ref": (state, reader) => call(state, referredCallee(state, reader)),
  "return_call": (state, reader) => tailCall(state, callee(state, reader)),
  "return_call_indirect": (state, reader) => tailCall(state, indirectCallee(state, reader)),
  "return_call_ref": (state, reader) => tailCall(state, referredCallee(state, reader)),
};
