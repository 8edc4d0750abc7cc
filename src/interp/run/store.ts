/**
 * All instances of one sandbox, which share one machine: its stack, its references, its tables. `make_instance.ts` makes
 * them, `processor.ts` runs them.
 */
import type { CompiledModule } from "../compile/compile_module.ts";
import type { InterpreterTable, InterpreterTag } from "./externals.ts";
import { Handles } from "./handles.ts";
import type { Instance, StoreFunction } from "./instance.ts";
import { type MemoryKind, RECORD, STACK_START } from "../machine_layout.ts";
import { MachineMemory } from "./machine_memory.ts";
import { makeInstance } from "./make_instance.ts";
import { Processor } from "./processor.ts";
import { referenceKind, type References, Values } from "./values.ts";
import type { Watcher } from "./watcher.ts";
import type { FunctionType } from "../../wasm/module.ts";
import { isNullable, type ValueType } from "../../wasm/types.ts";
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

/** A function as JavaScript calls it. */
export type HostFunction = (...args: unknown[]) => unknown;

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
    return makeInstance(this, { module, imports, core: this.#core });
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
        const target = typeof value === "function" ? this.functionBehind(value as HostFunction) : undefined;
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
    const [number = -1] = this.numberTypes(single);
    return this.exported(this.addHost(host, number));
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

  // What instances are made of

  /** The numbers of the types of a module in the store: the same for the same types. */
  numberTypes(module: Pick<CompiledModule, "types" | "groups">): Int32Array {
    const numbers = numberTypes(module, this.#known);
    for (const [index, number] of numbers.entries()) {
      const type = module.types[index];
      if (type?.composite.kind === "func") this.#types[number] = type.composite;
      const [supertype] = type?.supertypes ?? [];
      this.#supertypes[number] = supertype === undefined ? -1 : numbers[supertype] ?? -1;
    }
    return numbers;
  }

  /** The type that has a number; that of a function without parameters and results for a number of none. */
  functionType(number: number): FunctionType {
    return this.#types[number] ?? NO_TYPE;
  }

  /** The function of the store that an exported one stands for; undefined for one of the host. */
  functionBehind(exported: HostFunction): StoreFunction | undefined {
    return this.#ofExported.get(exported);
  }

  /** Takes in a function of the host, which is called with the type of this number. */
  addHost(host: HostFunction, typeNumber: number): StoreFunction {
    return this.addFunction({ typeNumber, owner: undefined, index: this.functions.length, host, code: 0 });
  }

  /** Takes in a function. @param code address of the code that it begins with; 0 for one of the host */
  addFunction(
    { code, ...of }: Pick<StoreFunction, "typeNumber" | "owner" | "index" | "host"> & {
      readonly code: number;
    },
  ): StoreFunction {
    const { machine } = this, record = machine.allocateRecord(), number = this.functions.length;
    machine.setWord(record + RECORD.code, code);
    machine.setWord(record + RECORD.type, of.typeNumber);
    machine.setWord(record + RECORD.owner, of.owner?.number ?? 0);
    const made = { ...of, number, record, type: this.functionType(of.typeNumber), exported: undefined };
    this.functions.push(made);
    return made;
  }
}
