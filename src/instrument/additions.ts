/** What instrumentation appends to a module: always at the end of an index space, so that no index shifts. */
import type { CodeWriter } from "./code_writer.ts";
import type { Counters } from "./counters.ts";
import { ByteWriter, writeValueType } from "../wasm/encoder.ts";
import type { Module } from "../wasm/module.ts";
import type { ValueType } from "../wasm/types.ts";

/** A type index, and a body without its size. */
export interface AddedFunction {
  readonly type: number;
  readonly code: CodeWriter;
}

/** Collects appended types and functions while bodies are rewritten. */
export class Additions {
  readonly #module: Module;
  readonly #typeIndices: Map<string, number> = new Map();
  readonly #functionIndices: Map<string, number> = new Map();
  readonly types: ByteWriter = new ByteWriter();
  typeCount = 0;
  /** The appended functions, in the order of their indices. */
  readonly functions: AddedFunction[] = [];

  constructor(module: Module) {
    this.#module = module;
  }

  /** The index of a function type, appended on first use. */
  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    let index = this.#typeIndices.get(key);
    if (index !== undefined) return index;
    index = this.#module.types.length + this.typeCount++;
    this.#typeIndices.set(key, index);
    this.types.u8(0x60);
    for (const list of [params, results]) {
      this.types.u32(list.length);
      for (const type of list) writeValueType(this.types, type);
    }
    return index;
  }

  /** The index of an appended function, written on first use of its key. */
  function(key: string, make: () => AddedFunction): number {
    let index = this.#functionIndices.get(key);
    if (index !== undefined) return index;
    index = this.#module.functions.length + this.functions.length;
    this.#functionIndices.set(key, index);
    this.functions.push(make());
    return index;
  }
}

/** Everything that the writers of code share. */
export interface CodeContext {
  readonly module: Module;
  readonly additions: Additions;
  readonly counters: Counters;
  readonly hookTable: number;
  /** The type `(i32, i64) -> (i32)` of the growth hooks. */
  readonly growType: number;
}
