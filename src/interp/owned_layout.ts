/**
 * Where in what an instance owns its things lie, in bytes:
 *
 *     0            number of the instance among those of the store, from 1 on
 *     types        number of each type among those of the store, 4 bytes each
 *     functions    address of the record of each function, imported ones included, 4 bytes each
 *     tables       address of the record of each table, 4 bytes each
 *     globals      values, 8 bytes each, 16 for v128; of an imported one the address of its value
 */
import type { Module } from "../wasm/module.ts";
import { V128, type ValueType } from "../wasm/types.ts";

export interface OwnedLayout {
  readonly types: number;
  readonly functions: number;
  readonly tables: number;
  /** Place of each global. */
  readonly globals: Int32Array;
  readonly size: number;
}

/** Bytes that a value takes in a register or global. */
export function widthOf(type: ValueType): number {
  return type === V128 ? 16 : 8;
}

/** Bytes that values take side by side. */
export function bytesOf(types: readonly ValueType[]): number {
  let bytes = 0;
  for (const type of types) bytes += widthOf(type);
  return bytes;
}

export function layOutOwned(
  module: Pick<Module, "types" | "functions" | "tables" | "globals" | "imported">,
): OwnedLayout {
  const types = 4, functions = types + 4 * module.types.length;
  const tables = functions + 4 * module.functions.length;
  let at = tables + 4 * module.tables.length;
  at += -at & 7;
  const globals = new Int32Array(module.globals.length);
  for (const [index, global] of module.globals.entries()) {
    globals[index] = at;
    at += index < module.imported.global ? 8 : widthOf(global.type);
  }
  return { types, functions, tables, globals, size: at };
}
