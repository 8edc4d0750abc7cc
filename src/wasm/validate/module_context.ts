import type { CompositeType, FunctionType, Module } from "../module.ts";
import { BOTTOM, I32, I64, type ValueType } from "../types.ts";
import { TypeRelation } from "./type_relation.ts";

const NO_TYPES: readonly ValueType[] = [];

/** The type of a block that takes and gives nothing. */
export const EMPTY_TYPE: FunctionType = { kind: "func", params: NO_TYPES, results: NO_TYPES };

/** The index spaces of a module as dense arrays, and what the checks of all its functions share. */
export class ModuleContext {
  readonly types: TypeRelation;
  readonly globalTypes: Int32Array;
  readonly globalMutable: Uint8Array;
  readonly tableElements: Int32Array;
  /** I32 or I64 by table. */
  readonly tableAddresses: Int32Array;
  /** I32 or I64 by memory. */
  readonly memoryAddresses: Int32Array;
  readonly segmentTypes: Int32Array;
  /** Data segments that code may name: 0 without a data count section. */
  readonly dataCount: number;
  /** 1 for functions that appear outside of bodies, so that `ref.func` may name them. */
  readonly declaredFunctions: Uint8Array;
  /** How many of the globals constant expressions may read. */
  visibleGlobals = 0;
  /** Which generations of exceptions code has used so far. */
  usesOldExceptions = false;
  usesNewExceptions = false;
  readonly #valueBlocks = new Map<ValueType, FunctionType>();

  constructor(readonly module: Module) {
    this.types = new TypeRelation(module);
    this.globalTypes = Int32Array.from(module.globals, (global) => global.type);
    this.globalMutable = Uint8Array.from(module.globals, (global) => global.mutable ? 1 : 0);
    this.tableElements = Int32Array.from(module.tables, (table) => table.element);
    this.tableAddresses = Int32Array.from(module.tables, (table) => table.index64 ? I64 : I32);
    this.memoryAddresses = Int32Array.from(module.memories, (memory) => memory.index64 ? I64 : I32);
    this.segmentTypes = Int32Array.from(module.elements, (segment) => segment.type);
    this.dataCount = module.dataCount ?? 0;
    this.declaredFunctions = new Uint8Array(module.functions.length);
  }

  composite(typeIndex: number): CompositeType | undefined {
    return this.module.types[typeIndex]?.composite;
  }

  functionTypeAt(typeIndex: number): FunctionType | undefined {
    const composite = this.module.types[typeIndex]?.composite;
    return composite?.kind === "func" ? composite : undefined;
  }

  /** The type of a block with one result. */
  valueBlock(type: ValueType): FunctionType {
    let block = this.#valueBlocks.get(type);
    if (block === undefined) {
      block = { kind: "func", params: NO_TYPES, results: [type] };
      this.#valueBlocks.set(type, block);
    }
    return block;
  }

  isSubtype(sub: ValueType, sup: ValueType): boolean {
    return sub === sup || sub === BOTTOM || this.types.isSubtype(sub, sup);
  }
}
