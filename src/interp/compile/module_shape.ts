/** What the compiler asks of a module. */
import type { MemoryKind } from "../machine_layout.ts";
import { layOutOwned, type OwnedLayout } from "../owned_layout.ts";
import type { FunctionType, Module } from "../../wasm/module.ts";
import { HEAP, heapOf, isAbstract, type ValueType } from "../../wasm/types.ts";

export class ModuleShape {
  readonly owned: OwnedLayout;
  readonly memories: readonly MemoryKind[];

  constructor(readonly module: Module) {
    this.owned = layOutOwned(module);
    this.memories = module.memories.map((memory) => memory.index64 ? "i64" : "i32");
  }

  /** The function type at a type index. */
  functionType(index: number): FunctionType {
    const type = this.module.types[index]?.composite;
    if (type?.kind !== "func") throw new TypeError(`Type ${index} of a validated module is no function type`);
    return type;
  }

  /** The type of a function. */
  typeOf(functionIndex: number): FunctionType {
    return this.functionType(this.module.functions[functionIndex] ?? -1);
  }

  tagType(tag: number): FunctionType {
    return this.functionType(this.module.tags[tag]?.typeIndex ?? -1);
  }

  /** Whether values of a type refer to functions. */
  isFunctionType(type: ValueType): boolean {
    if (!isAbstract(type)) return true; // types of other kinds are refused
    const heap = heapOf(type);
    return heap === HEAP.func || heap === HEAP.nofunc;
  }

  typePlace(index: number): number {
    return this.owned.types + 4 * index;
  }

  functionPlace(index: number): number {
    return this.owned.functions + 4 * index;
  }

  tablePlace(index: number): number {
    return this.owned.tables + 4 * index;
  }

  globalPlace(index: number): number {
    return this.owned.globals[index] ?? 0;
  }

  globalType(index: number): ValueType {
    return this.module.globals[index]?.type ?? 0;
  }

  isImportedGlobal(index: number): boolean {
    return index < this.module.imported.global;
  }
}
