/**
 * All instances of one sandbox, which share one machine: its stack, its references, its tables. It links and makes
 * instances; `processor.ts` runs them.
 */
import type { CompiledModule } from "../compile/compile_module.ts";
import {
  InterpreterGlobal,
  InterpreterTable,
  type InterpreterTableType,
  InterpreterTag,
} from "./externals.ts";
import { Handles } from "./handles.ts";
import type { Instance, RunCore, StoreFunction } from "./instance.ts";
import { CORE, type MemoryKind, RECORD, STACK_START } from "../machine_layout.ts";
import { MachineMemory } from "./machine_memory.ts";
import { widthOf } from "../owned_layout.ts";
import { Processor } from "./processor.ts";
import { TRAP_MESSAGES } from "./traps.ts";
import { isValueSubtype } from "./value_subtypes.ts";
import { referenceKind, type References, Values } from "./values.ts";
import type { Watcher } from "./watcher.ts";
import type { FunctionType, TableType } from "../../wasm/module.ts";
import { heapOf, isAbstract, isNullable, isRef, type ValueType } from "../../wasm/types.ts";
import { KnownTypes, numberTypes } from "../../wasm/validate/canonical_types.ts";

export interface StoreOptions {
  /** Compiles the core for modules with these memories; called once for each list. */
  readonly core: (memories: readonly MemoryKind[]) => WebAssembly.Module;
  /** Room for frames. A frame takes 8 bytes for each local and operand, 16 for those of type v128, and 8 more. */
  readonly stackBytes: number;
  /** Called when code makes many rounds of loops and does nothing else that leaves it; what it throws ends the code. */
  readonly onRounds?: () => void;
  /** Who watches the code of modules that were compiled for it; asked anew at each call. */
  readonly watcher?: (() => Watcher | undefined) | undefined;
}

/** An exception: its tag, and its payload as it lay in registers. */
export interface Thrown {
  readonly tag: InterpreterTag;
  readonly payload: Uint8Array;
}

type HostFunction = (...args: unknown[]) => unknown;

/** Bytes of a page of a guest's memory. */
const PAGE_SIZE = 65536;

const NO_TYPE: FunctionType = { kind: "func", params: [], results: [] };

export class Store implements References {
  readonly machine: MachineMemory;
  readonly values: Values;
  readonly functions: StoreFunction[] = [];
  readonly instances: Instance[] = [];
  readonly exceptions: Handles<Thrown>;
  readonly processor: Processor;
  readonly #references: Handles<unknown>;
  readonly #core: StoreOptions["core"];
  readonly onRounds: () => void;
  readonly #watcher: (() => Watcher | undefined) | undefined;
  readonly #known = new KnownTypes();
  /** By number of a type: itself, and the number of its supertype; -1 for none. */
  readonly #types: FunctionType[] = [];
  readonly #supertypes: number[] = [];
  readonly #ofExported = new WeakMap<HostFunction, StoreFunction>();
  /** Tables that instances of the store define, in order. */
  readonly tables: InterpreterTable[] = [];

  constructor(options: StoreOptions) {
    this.#core = options.core;
    this.onRounds = options.onRounds ?? (() => {});
    this.#watcher = options.watcher;
    this.machine = new MachineMemory(options.stackBytes);
    this.values = new Values(this.machine, this);
    const each = (visit: (word: number) => void) => this.#eachWord(visit);
    this.exceptions = new Handles(each);
    this.#references = new Handles(each);
    this.processor = new Processor(this);
  }

  /**
   * Makes an instance, as `new WebAssembly.Instance(module, imports).exports` does; imports are given in the order in
   * which the module names them. Functions, globals, tables and tags that come from instances of this store are linked
   * directly; memories are those of the JavaScript API; any other function is one of the host.
   *
   * @throws {WebAssembly.LinkError} for an import that does not fit
   * @throws {WebAssembly.RuntimeError} where a segment does not fit or the start function traps
   */
  instantiate(module: CompiledModule, imports: readonly unknown[]): Record<string, unknown> {
    const instance = this.#make(module, imports);
    this.#initialise(instance);
    const exports = this.#exports(instance);
    this.#applySegments(instance);
    const start = instance.functions[module.start];
    if (start !== undefined) this.processor.call(start, []);
    return exports;
  }

  /** Who watches. */
  get watcher(): Watcher | undefined {
    return this.#watcher?.();
  }

  // References

  toWord(type: ValueType, value: unknown): number {
    if (value === null) {
      if (isNullable(type)) return 0;
      throw new TypeError("null is no value of a type that is not nullable");
    }
    switch (this.kindOf(type)) {
      case "func": {
        const target = typeof value === "function" ? this.#ofExported.get(value as HostFunction) : undefined;
        if (target === undefined) throw new TypeError("The value is no exported function");
        return target.record;
      }
      case "exn":
        throw new TypeError("JavaScript has no values of type exnref");
      case "extern":
        return this.#references.numberOf(value);
    }
  }

  fromWord(type: ValueType, word: number): unknown {
    if (word === 0) return null;
    switch (this.kindOf(type)) {
      case "func":
        return this.exported(this.functionOf(word));
      case "exn":
        throw new TypeError("JavaScript has no values of type exnref");
      case "extern":
        return this.#references.valueOf(word);
    }
  }

  /** What values of a type refer to. */
  kindOf(type: ValueType): "func" | "extern" | "exn" {
    return referenceKind(type, () => true); // types of other kinds are refused
  }

  /** The function that a reference refers to. */
  functionOf(record: number): StoreFunction {
    const found = this.findFunction(record);
    if (found === undefined) throw new TypeError(`No function has the record ${record}`);
    return found;
  }

  /** The same; undefined where the word refers to none. */
  findFunction(record: number): StoreFunction | undefined {
    return this.functions[(record - this.machine.records) / RECORD.size];
  }

  /** Whether a word is null or refers to something, as far as that matters: registers may have been restored. */
  isReference(type: ValueType, word: number): boolean {
    return word === 0 || this.kindOf(type) !== "func" || this.findFunction(word) !== undefined;
  }

  /** A function as JavaScript sees it: always the same object. */
  exported(target: StoreFunction): HostFunction {
    if (target.exported !== undefined) return target.exported;
    const exported = (...args: unknown[]) => this.processor.call(target, args);
    Object.defineProperty(exported, "name", { value: String(target.index) });
    Object.defineProperty(exported, "length", { value: target.type.params.length });
    this.#ofExported.set(exported, target);
    return target.exported = exported;
  }

  /** A function of the host as a value that tables and imports take: one that is called with this type. */
  hostFunction(type: Pick<FunctionType, "params" | "results">, host: HostFunction): HostFunction {
    const composite = { kind: "func", ...type } as const;
    const single = {
      types: [{ final: true, supertypes: [], composite, offset: 0 }],
      groups: [{ start: 0, size: 1 }],
    };
    const [number = -1] = this.#numberTypes(single);
    return this.exported(this.#addHost(host, number));
  }

  /** Whether a function of the one type, by number, may stand where the other is expected. */
  isSubtype(sub: number, sup: number): boolean {
    for (let type = sub; type >= 0; type = this.#supertypes[type] ?? -1) if (type === sup) return true;
    return false;
  }

  /** Whether the guest holds values of the host, other than functions. */
  holdsHostValues(): boolean {
    return this.#references.inUse;
  }

  /** All words of the machine that may be references. */
  #eachWord(visit: (word: number) => void): void {
    const { words } = this.machine, end = this.processor.top >> 2;
    for (let at = STACK_START >> 2; at < end; at++) visit(words[at] ?? 0);
    for (const { globals } of this.instances) {
      for (const { address } of globals) visit(words[address >> 2] ?? 0);
    }
    for (const table of this.tables) table.words.forEach(visit);
    for (const { elements } of this.instances) for (const segment of elements) segment.forEach(visit);
    for (const { payload } of this.exceptions.all()) {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      for (let at = 0; at < payload.length; at += 8) visit(view.getInt32(at, true));
    }
  }

  // Instantiation

  #make(module: CompiledModule, imports: readonly unknown[]): Instance {
    const { machine } = this, typeNumbers = this.#numberTypes(module);
    const code = machine.allocate(4 * module.code.length), base = machine.allocate(module.owned.size);
    machine.words.set(module.code, code >> 2);
    const instance: Instance = {
      number: this.instances.length + 1,
      module,
      base,
      code,
      typeNumbers,
      functions: [],
      tables: [],
      memories: [],
      globals: [],
      tags: [],
      elements: [],
      data: module.data.map(({ bytes }) => bytes),
      run: () => 0,
    };
    machine.setWord(base, instance.number);
    for (const [index, number] of typeNumbers.entries()) {
      machine.setWord(base + module.owned.types + 4 * index, number);
    }
    this.#link(instance, imports);
    this.#define(instance);
    for (const [index, { record }] of instance.functions.entries()) {
      machine.setWord(base + module.owned.functions + 4 * index, record);
    }
    for (const [index, { record }] of instance.tables.entries()) {
      machine.setWord(base + module.owned.tables + 4 * index, record);
    }
    const memories = [machine.memory, ...instance.memories];
    const core = new WebAssembly.Instance(this.#core(module.memories), {
      [CORE.module]: Object.fromEntries(memories.map((memory, index) => [String(index), memory])),
    });
    instance.run = core.exports[CORE.run] as RunCore; // `as`: see `buildCore`
    this.instances.push(instance);
    return instance;
  }

  #numberTypes(module: Pick<CompiledModule, "types" | "groups">): Int32Array {
    const numbers = numberTypes(module, this.#known);
    for (const [index, number] of numbers.entries()) {
      const type = module.types[index];
      if (type?.composite.kind === "func") this.#types[number] = type.composite;
      const [supertype] = type?.supertypes ?? [];
      this.#supertypes[number] = supertype === undefined ? -1 : numbers[supertype] ?? -1;
    }
    return numbers;
  }

  #link(instance: Instance, imports: readonly unknown[]): void {
    const { module, typeNumbers } = instance;
    for (const [place, item] of module.imports.entries()) {
      const value = imports[place];
      const fail = (why: string): never => {
        throw new WebAssembly.LinkError(`Import #${place} "${item.module}" "${item.name}": ${why}`);
      };
      switch (item.kind) {
        case "function": {
          if (typeof value !== "function") return fail("function import requires a callable");
          const typeNumber = typeNumbers[module.functions[item.index] ?? -1] ?? -1;
          const own = this.#ofExported.get(value as HostFunction);
          if (own !== undefined && !this.isSubtype(own.typeNumber, typeNumber)) {
            return fail("imported function does not match the expected type");
          }
          instance.functions.push(own ?? this.#addHost(value as HostFunction, typeNumber));
          break;
        }
        case "table": {
          if (!(value instanceof InterpreterTable)) return fail("table import requires a WebAssembly.Table");
          const type = module.tables[item.index];
          if (type !== undefined && value.length < type.min) {
            return fail(`table import is smaller than initial ${type.min}, got ${value.length}`);
          }
          if (type === undefined || !fits(value.type, type)) {
            return fail("table import does not fit the declared limits");
          }
          if (value.type.typeNumber !== this.#typeNumber(type.element, typeNumbers)) {
            return fail("imported table does not match the expected type");
          }
          instance.tables.push(value);
          break;
        }
        case "memory": {
          if (!(value instanceof WebAssembly.Memory)) {
            return fail("memory import must be a WebAssembly.Memory object");
          }
          const pages = value.buffer.byteLength / PAGE_SIZE,
            least = module.memoryTypes[item.index]?.min ?? 0n;
          if (pages < least) {
            return fail(
              `memory import has ${pages} pages which is smaller than the declared initial of ${least}`,
            );
          }
          instance.memories.push(value);
          break;
        }
        case "global": {
          if (!(value instanceof InterpreterGlobal)) {
            return fail("global import must be a WebAssembly.Global object");
          }
          const type = module.globals[item.index], number = this.#typeNumber(type?.type ?? 0, typeNumbers);
          if (value.type.mutable !== type?.mutable) {
            return fail("imported global does not match the expected mutability");
          }
          if (!this.#isGlobal(value.type, number)) {
            return fail("imported global does not match the expected type");
          }
          instance.globals.push(value);
          this.machine.setWord(instance.base + (module.owned.globals[item.index] ?? 0), value.address);
          break;
        }
        case "tag": {
          const typeNumber = typeNumbers[module.tags[item.index] ?? -1];
          if (!(value instanceof InterpreterTag) || value.typeNumber !== typeNumber) {
            return fail("imported tag does not match the expected type");
          }
          instance.tags.push(value);
        }
      }
    }
  }

  /** Whether a global may stand where one of the type is expected: what can be changed by both has to be the same. */
  #isGlobal({ typeNumber, mutable }: InterpreterGlobal["type"], expected: number): boolean {
    if (mutable) return typeNumber === expected;
    return isValueSubtype(typeNumber, expected, (sub, sup) => this.isSubtype(sub, sup));
  }

  /** A value type as one number in which type indices are those of the store. */
  #typeNumber(type: ValueType, typeNumbers: Int32Array): number {
    if (!isRef(type) || isAbstract(type)) return type;
    return type - heapOf(type) + (typeNumbers[heapOf(type)] ?? 0);
  }

  #define(instance: Instance): void {
    const { module, typeNumbers } = instance, { machine } = this;
    for (const [place, entry] of module.entries.entries()) {
      const index = module.importedFunctions + place,
        typeNumber = typeNumbers[module.functions[index] ?? -1] ?? -1;
      instance.functions.push(
        this.#addFunction({
          typeNumber,
          owner: instance,
          index,
          host: undefined,
          code: instance.code + 4 * entry,
        }),
      );
    }
    for (const type of module.tables.slice(instance.tables.length)) {
      const typeNumber = this.#typeNumber(type.element, typeNumbers);
      const table = new InterpreterTable(machine, this.values, { ...type, typeNumber });
      instance.tables.push(table);
      this.tables.push(table);
    }
    for (const type of module.memoryTypes.slice(instance.memories.length)) {
      instance.memories.push(newMemory(type));
    }
    for (let index = instance.globals.length; index < module.globals.length; index++) {
      const { type = 0, mutable = false } = module.globals[index] ?? {};
      const address = instance.base + (module.owned.globals[index] ?? 0);
      const typeNumber = this.#typeNumber(type, typeNumbers);
      instance.globals.push(
        new InterpreterGlobal(this.values, address, { value: type, mutable, typeNumber }),
      );
    }
    for (const typeIndex of module.tags.subarray(instance.tags.length)) {
      const typeNumber = typeNumbers[typeIndex] ?? -1;
      instance.tags.push(new InterpreterTag(typeNumber, (this.#types[typeNumber] ?? NO_TYPE).params));
    }
  }

  #addHost(host: HostFunction, typeNumber: number): StoreFunction {
    return this.#addFunction({ typeNumber, owner: undefined, index: this.functions.length, host, code: 0 });
  }

  #addFunction(
    { code, ...of }: Pick<StoreFunction, "typeNumber" | "owner" | "index" | "host"> & {
      readonly code: number;
    },
  ): StoreFunction {
    const { machine } = this, record = machine.allocateRecord(), number = this.functions.length;
    machine.setWord(record + RECORD.code, code);
    machine.setWord(record + RECORD.type, of.typeNumber);
    machine.setWord(record + RECORD.owner, of.owner?.number ?? 0);
    const made = { ...of, number, record, type: this.#types[of.typeNumber] ?? NO_TYPE, exported: undefined };
    this.functions.push(made);
    return made;
  }

  /** Evaluates what is constant. */
  #initialise(instance: Instance): void {
    const { module } = instance, { machine, processor } = this;
    for (const [index, position] of module.globalCode.entries()) {
      if (position < 0) continue;
      const { address, type } = instance.globals[index] ?? { address: 0, type: { value: 0 } };
      const width = widthOf(type.value), from = processor.evaluate(instance, position, width);
      machine.bytes.copyWithin(address, from, from + width);
    }
    for (const [index, position] of module.tableCode.entries()) {
      if (position < 0) continue;
      instance.tables[index]?.words.fill(machine.word(processor.evaluate(instance, position)));
    }
    for (const segment of module.elements) {
      const words = segment.functions !== undefined
        ? segment.functions.map((index) => instance.functions[index]?.record ?? 0)
        : (segment.code ?? new Int32Array(0)).map((position) =>
          machine.word(processor.evaluate(instance, position))
        );
      instance.elements.push(words);
    }
  }

  #exports(instance: Instance): Record<string, unknown> {
    const exports: Record<string, unknown> = Object.create(null);
    for (const { name, kind, index } of instance.module.exports) {
      switch (kind) {
        case "function": {
          const target = instance.functions[index];
          if (target !== undefined) exports[name] = this.exported(target);
          break;
        }
        case "table":
          exports[name] = instance.tables[index];
          break;
        case "memory":
          exports[name] = instance.memories[index];
          break;
        case "global":
          exports[name] = instance.globals[index];
          break;
        case "tag":
          exports[name] = instance.tags[index];
      }
    }
    return exports;
  }

  /** Applies the active segments, elements before data. */
  #applySegments(instance: Instance): void {
    const { module } = instance, { processor } = this;
    for (const [index, { active }] of module.elements.entries()) {
      if (active === undefined) continue;
      const table = instance.tables[active.table], words = instance.elements[index] ?? new Int32Array(0);
      const at = processor.evaluateIndex(instance, active.offset, table?.type.index64 === true);
      if (table === undefined || at + words.length > table.size) {
        throw new WebAssembly.RuntimeError(TRAP_MESSAGES.table);
      }
      table.words.set(words, at);
      instance.elements[index] = new Int32Array(0);
    }
    for (const [index, { active }] of module.data.entries()) {
      if (active === undefined) continue;
      const memory = instance.memories[active.memory], bytes = instance.data[index] ?? new Uint8Array(0);
      const at = processor.evaluateIndex(instance, active.offset, module.memories[active.memory] === "i64");
      if (memory === undefined || at + bytes.length > memory.buffer.byteLength) {
        throw new WebAssembly.RuntimeError(TRAP_MESSAGES.memory);
      }
      new Uint8Array(memory.buffer).set(bytes, at);
      instance.data[index] = new Uint8Array(0);
    }
  }
}

/** Whether a table has the maximum and the indices that are declared. */
function fits({ max, index64 }: InterpreterTableType, type: TableType): boolean {
  return index64 === type.index64 && (type.max === undefined || max !== undefined && max <= type.max);
}

/** A memory as the JavaScript API makes it; the library types lack those that are indexed by i64. */
function newMemory(
  type: { readonly min: bigint; readonly max: bigint | undefined; readonly index64: boolean },
) {
  const number = (value: bigint) => type.index64 ? value : Number(value);
  const descriptor = {
    address: type.index64 ? "i64" : "i32",
    initial: number(type.min),
    ...(type.max === undefined ? {} : { maximum: number(type.max) }),
  };
  return new WebAssembly.Memory(descriptor as unknown as WebAssembly.MemoryDescriptor);
}
