/** Links what a module imports: compared with what it declares as V8 does, refused in V8's words. */
import {
  InterpreterGlobal,
  InterpreterTable,
  type InterpreterTableType,
  InterpreterTag,
} from "./externals.ts";
import type { Instance } from "./instance.ts";
import type { HostFunction, Store } from "./store.ts";
import { isValueSubtype, storeType } from "./value_subtypes.ts";
import type { Import, TableType } from "../../wasm/module.ts";
import { PAGE_SIZE } from "../../wasm/page_size.ts";

interface Linked {
  readonly store: Store;
  readonly instance: Instance;
  /** Among the imports of its kind. */
  readonly index: number;
}

/** Links one import. @returns why it does not fit, if it does not */
type Link = (linked: Linked, value: unknown) => string | undefined;

const LINKS: Readonly<Record<Import["kind"], Link>> = {
  function: linkFunction,
  table: linkTable,
  memory: linkMemory,
  global: linkGlobal,
  tag: linkTag,
};

/** @param imports in the order in which the module names them @throws {WebAssembly.LinkError} for one that does not fit */
export function linkImports(
  { store, instance }: Pick<Linked, "store" | "instance">,
  imports: readonly unknown[],
): void {
  for (const [place, { kind, index, module, name }] of instance.module.imports.entries()) {
    const why = LINKS[kind]({ store, instance, index }, imports[place]);
    if (why !== undefined) throw new WebAssembly.LinkError(`Import #${place} "${module}" "${name}": ${why}`);
  }
}

function linkFunction({ store, instance, index }: Linked, value: unknown): string | undefined {
  if (typeof value !== "function") return "function import requires a callable";
  const typeNumber = instance.typeNumbers[instance.module.functions[index] ?? -1] ?? -1;
  const host = value as HostFunction, own = store.functionBehind(host); // `as`: it may be called with anything
  if (own !== undefined && !store.isSubtype(own.typeNumber, typeNumber)) {
    return "imported function does not match the expected type";
  }
  instance.functions.push(own ?? store.addHost(host, typeNumber));
  return undefined;
}

function linkTable({ instance, index }: Linked, value: unknown): string | undefined {
  if (!(value instanceof InterpreterTable)) return "table import requires a WebAssembly.Table";
  const type = instance.module.tables[index];
  if (type !== undefined && value.length < type.min) {
    return `table import is smaller than initial ${type.min}, got ${value.length}`;
  }
  if (type === undefined || !fitsTable(value.type, type)) {
    return "table import does not fit the declared limits";
  }
  if (value.type.typeNumber !== storeType(type.element, instance.typeNumbers)) {
    return "imported table does not match the expected type";
  }
  instance.tables.push(value);
  return undefined;
}

/** Whether a table has the maximum and the indices that are declared. */
function fitsTable({ max, index64 }: InterpreterTableType, type: TableType): boolean {
  return index64 === type.index64 && (type.max === undefined || max !== undefined && max <= type.max);
}

function linkMemory({ instance, index }: Linked, value: unknown): string | undefined {
  if (!(value instanceof WebAssembly.Memory)) return "memory import must be a WebAssembly.Memory object";
  const pages = value.buffer.byteLength / PAGE_SIZE, least = instance.module.memoryTypes[index]?.min ?? 0n;
  if (pages < least) {
    return `memory import has ${pages} pages which is smaller than the declared initial of ${least}`;
  }
  instance.memories.push(value);
  return undefined;
}

function linkGlobal({ store, instance, index }: Linked, value: unknown): string | undefined {
  if (!(value instanceof InterpreterGlobal)) return "global import must be a WebAssembly.Global object";
  const { module, typeNumbers, base } = instance, type = module.globals[index];
  if (value.type.mutable !== type?.mutable) return "imported global does not match the expected mutability";
  if (!fitsGlobal(value.type, { expected: storeType(type?.type ?? 0, typeNumbers), store })) {
    return "imported global does not match the expected type";
  }
  instance.globals.push(value);
  store.machine.setWord(base + (module.owned.globals[index] ?? 0), value.address);
  return undefined;
}

/** Whether a global may stand where one of the type is expected: what can be changed by both has to be the same. */
function fitsGlobal(
  { typeNumber, mutable }: InterpreterGlobal["type"],
  { expected, store }: { readonly expected: number; readonly store: Store },
): boolean {
  if (mutable) return typeNumber === expected;
  return isValueSubtype(typeNumber, expected, (sub, sup) => store.isSubtype(sub, sup));
}

function linkTag({ instance, index }: Linked, value: unknown): string | undefined {
  const typeNumber = instance.typeNumbers[instance.module.tags[index] ?? -1];
  if (!(value instanceof InterpreterTag) || value.typeNumber !== typeNumber) {
    return "imported tag does not match the expected type";
  }
  instance.tags.push(value);
  return undefined;
}
