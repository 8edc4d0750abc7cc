/** Memories and data segments, as far as the accesses that the hot loop derives from signatures leave any. */
import type { InstructionReader } from "../../instructions.ts";
import { I32, I64, type ValueType } from "../../types.ts";
import type { CodeState } from "../code_state.ts";
import type { Rules } from "./rule.ts";

/** The type that addresses a memory: i32 or i64. */
function memoryAddress(state: CodeState, index: number): ValueType {
  const address = state.context.memoryAddresses[index];
  if (address === undefined) throw state.unknown("memory", index, state.context.memoryAddresses.length);
  return address;
}

/** Checks that code may name a data segment: that needs the data count section, which precedes it. */
export function checkDataSegment(state: CodeState, index: number): void {
  const { dataCount, module } = state.context;
  if (module.dataCount === undefined) throw state.error(`${state.mnemonic()} needs a data count section`);
  if (index >= dataCount) throw state.unknown("data segment", index, dataCount);
}

/** Checks the immediates of a memory access; returns the type of its address. */
export function checkAccess(state: CodeState, reader: InstructionReader): ValueType {
  const address = memoryAddress(state, reader.index);
  if (address === I32 && reader.memoryOffset > 0xffff_ffff) {
    throw state.error(`${state.mnemonic()} has an offset above 2^32-1 in a memory of 32 bits`);
  }
  return address;
}

export const MEMORY_RULES: Rules = {
  "memory.size": (state, reader) => state.push(memoryAddress(state, reader.index)),

  "memory.grow": (state, reader) => {
    const address = memoryAddress(state, reader.index);
    state.pop(address);
    state.push(address);
  },

  "memory.fill": (state, reader) => {
    const address = memoryAddress(state, reader.index);
    state.pop(address);
    state.pop(I32);
    state.pop(address);
  },

  "memory.copy": (state, reader) => {
    const to = memoryAddress(state, reader.index);
    const from = memoryAddress(state, reader.index2);
    state.pop(to === I64 && from === I64 ? I64 : I32);
    state.pop(from);
    state.pop(to);
  },

  "memory.init": (state, reader) => {
    checkDataSegment(state, reader.index);
    const address = memoryAddress(state, reader.index2);
    state.pop(I32);
    state.pop(I32);
    state.pop(address);
  },

  "data.drop": (state, reader) => checkDataSegment(state, reader.index),
};
