import type { ExternalKind, Module } from "./module.ts";
import { formatType } from "./types.ts";

/** The type of an import or export as plain data, which can cross threads; value types by the names of the text format. */
export type ExternalType =
  | { readonly kind: "function"; readonly params: readonly string[]; readonly results: readonly string[] }
  | {
    readonly kind: "table";
    readonly element: string;
    readonly min: bigint;
    readonly max?: bigint;
    readonly index64: boolean;
  }
  | {
    readonly kind: "memory";
    readonly min: bigint;
    readonly max?: bigint;
    readonly index64: boolean;
    readonly shared: boolean;
  }
  | { readonly kind: "global"; readonly type: string; readonly mutable: boolean }
  | { readonly kind: "tag"; readonly params: readonly string[] };

/** An export by name, with the index in the index space of its kind. */
export interface ExportDescription {
  /** As the module spells it. */
  readonly name: string;
  /** In the index space of its kind, imports first. */
  readonly index: number;
  /** What it is. */
  readonly type: ExternalType;
}

/** An import by its two names. */
export interface ImportDescription {
  /** The first name. */
  readonly module: string;
  /** The second name. */
  readonly name: string;
  /** What it has to be. */
  readonly type: ExternalType;
}

/** Describes the item of a kind at an index, as declared. */
export function describeExternal(module: Module, kind: ExternalKind, index: number): ExternalType {
  switch (kind) {
    case "function":
      return { kind, ...functionNames(module, module.functions[index]) };
    case "table": {
      const { element, min, max, index64 } = existing(module.tables[index]);
      return { kind, element: formatType(element), min, index64, ...(max === undefined ? {} : { max }) };
    }
    case "memory": {
      const { min, max, index64, shared } = existing(module.memories[index]);
      return { kind, min, index64, shared, ...(max === undefined ? {} : { max }) };
    }
    case "global": {
      const { type, mutable } = existing(module.globals[index]);
      return { kind, type: formatType(type), mutable };
    }
    case "tag":
      return { kind, params: functionNames(module, existing(module.tags[index]).typeIndex).params };
  }
}

export function describeExports(module: Module): ExportDescription[] {
  return module.exports.map(({ name, kind, index }) => ({
    name,
    index,
    type: describeExternal(module, kind, index),
  }));
}

export function describeImports(module: Module): ImportDescription[] {
  return module.imports.map(({ module: from, name, kind, index }) => ({
    module: from,
    name,
    type: describeExternal(module, kind, index),
  }));
}

function functionNames(
  module: Module,
  typeIndex: number | undefined,
): { params: string[]; results: string[] } {
  const type = module.types[typeIndex ?? -1]?.composite;
  if (type?.kind !== "func") throw new TypeError(`Type ${typeIndex} is no function type`);
  return { params: type.params.map(formatType), results: type.results.map(formatType) };
}

function existing<T>(item: T | undefined): T {
  if (item === undefined) throw new RangeError("The module has no item at this index");
  return item;
}
