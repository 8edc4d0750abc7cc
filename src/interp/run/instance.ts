/** An instantiated module: what it owns in the machine, and what it is linked to. */
import type { CompiledModule } from "../compile/compile_module.ts";
import type { InterpreterGlobal, InterpreterTable, InterpreterTag } from "./externals.ts";
import type { FunctionType } from "../../wasm/module.ts";

/** Runs the core: pc, fp, base; why it was left. */
export type RunCore = (pc: number, fp: number, base: number) => number;

/** A function of the store: of an instance, or of the host. */
export interface StoreFunction {
  /** Among all functions of the store. */
  readonly number: number;
  /** Address of its record: the reference to it. */
  readonly record: number;
  readonly type: FunctionType;
  readonly typeNumber: number;
  readonly owner: Instance | undefined;
  /** Its index in the module of its owner. */
  readonly index: number;
  readonly host: ((...args: unknown[]) => unknown) | undefined;
  /** What JavaScript calls; made when it is asked for. */
  exported: ((...args: unknown[]) => unknown) | undefined;
}

/** Everything of an instance; the store fills it in. */
export interface Instance {
  /** From 1 on. */
  readonly number: number;
  readonly module: CompiledModule;
  /** Address of what it owns. */
  readonly base: number;
  /** Address of its code. */
  readonly code: number;
  readonly typeNumbers: Int32Array;
  readonly functions: StoreFunction[];
  readonly tables: InterpreterTable[];
  readonly memories: WebAssembly.Memory[];
  readonly globals: InterpreterGlobal[];
  readonly tags: InterpreterTag[];
  /** Words of each element segment; empty when it was dropped. */
  readonly elements: Int32Array[];
  readonly data: Uint8Array[];
  run: RunCore;
}

/** The function of an instance that lies at a position of its code; undefined for constant expressions. */
export function functionAt(
  { entries, importedFunctions }: CompiledModule,
  position: number,
): number | undefined {
  let low = 0, high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : importedFunctions + low - 1;
}

/** The offset in the module of the instruction at a position that may trap or call. */
export function offsetAt({ notePositions, noteOffsets }: CompiledModule, position: number): number {
  let low = 0, high = notePositions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((notePositions[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return noteOffsets[low - 1] ?? 0;
}
