/** One instantiated module of the guest: its counters, its hidden exports, its shim. */
import type { ContentAbi } from "./content_abi.ts";
import { isWasiModule } from "../wasi/functions.ts";
import type { ExternalType } from "../wasm/external_type.ts";
import { type HookName, HOOKS, IMPORT_MODULE, type Layout, SHIM_EXPORTS } from "../instrument/layout.ts";

/** A mutable global of generated code. */
export interface Counter<T> {
  value: T;
}

/** What the shim calls for a hook. */
export interface Hooks {
  refuel(instance: GuestInstance): void;
  stack(instance: GuestInstance): void;
  unwound(instance: GuestInstance): void;
  growMemory(instance: GuestInstance, index: number, pages: bigint): number;
  growTable(instance: GuestInstance, index: number, elements: bigint): number;
}

/** A function behind an import; the shim catches what it throws. */
export type ImportedFunction = (...args: unknown[]) => unknown;

/** Values for the imports of a module, in order; functions of ours are given as JavaScript functions. */
export type ImportValue = { readonly ours: ImportedFunction } | { readonly value: WebAssembly.ExportValue };

export class GuestInstance {
  readonly exports: WebAssembly.Exports;
  readonly fuel: Counter<bigint>;
  readonly stackUsed: Counter<number>;
  readonly stackCap: Counter<number>;
  readonly stackShared: Counter<number>;
  readonly memories: readonly WebAssembly.Memory[];
  readonly tables: readonly WebAssembly.Table[];
  readonly #steps: readonly (() => void)[];
  readonly #dead: Counter<number>;
  readonly #types: ReadonlyMap<string, ExternalType>;
  #mainMemory: WebAssembly.Memory | undefined;
  /** What it does for values that lie in its memory; made when there is one. */
  content: ContentAbi | undefined;

  constructor(
    readonly layout: Layout,
    modules: { readonly module: WebAssembly.Module; readonly shim: WebAssembly.Module },
    imports: readonly ImportValue[],
    hooks: Hooks,
  ) {
    const shim = this.#instantiateShim(modules.shim, imports, hooks);
    const values: Record<string, WebAssembly.ImportValue> = Object.create(null);
    for (const [index, value] of imports.entries()) {
      const name = SHIM_EXPORTS.function(index);
      // `as`: exports of a module are what another may import.
      values[name] = ("ours" in value ? shim[name] : value.value) as WebAssembly.ImportValue;
    }
    this.exports = new WebAssembly.Instance(modules.module, { [IMPORT_MODULE]: values }).exports;
    // A letter in front: V8 hashes strings of digits by value, so a guest could choose names that all collide.
    this.#types = new Map(layout.exports.map((item) => [`n${item.name}`, item.type]));
    const { added } = layout;
    this.fuel = this.#export(added.fuel) as unknown as Counter<bigint>;
    this.stackUsed = this.#export(added.stackUsed) as unknown as Counter<number>;
    this.stackCap = this.#export(added.stackCap) as unknown as Counter<number>;
    this.stackShared = this.#export(added.stackShared) as unknown as Counter<number>;
    this.memories = layout.memories.map((item) => this.#export(item.exportName) as WebAssembly.Memory);
    this.tables = layout.tables.map((item) => this.#export(item.exportName) as WebAssembly.Table);
    this.#steps = [added.initialise, added.start].filter((name) => name !== undefined)
      .map((name) => this.#export(name) as () => void);
    this.#dead = shim[SHIM_EXPORTS.dead] as unknown as Counter<number>;
    const table = this.#export(added.hooks) as WebAssembly.Table;
    for (const name of Object.keys(HOOKS) as HookName[]) {
      table.set(HOOKS[name], shim[SHIM_EXPORTS.hook(name)] as (...args: never) => unknown);
    }
  }

  #instantiateShim(
    module: WebAssembly.Module,
    imports: readonly ImportValue[],
    hooks: Hooks,
  ): WebAssembly.Exports {
    const functions: Record<string, WebAssembly.ImportValue> = Object.create(null);
    for (const [index, value] of imports.entries()) {
      // An import that another module provides is linked directly, but the shim has a place for it all the same.
      functions[SHIM_EXPORTS.function(index)] = "ours" in value ? value.ours : neverCalled;
    }
    functions[SHIM_EXPORTS.hook("refuel")] = () => hooks.refuel(this);
    functions[SHIM_EXPORTS.hook("stack")] = () => hooks.stack(this);
    functions[SHIM_EXPORTS.hook("unwound")] = () => hooks.unwound(this);
    functions[SHIM_EXPORTS.hook("growMemory")] = (index: number, pages: bigint) =>
      hooks.growMemory(this, index, pages);
    functions[SHIM_EXPORTS.hook("growTable")] = (index: number, elements: bigint) =>
      hooks.growTable(this, index, elements);
    return new WebAssembly.Instance(module, { [IMPORT_MODULE]: functions }).exports;
  }

  /** An added export; `as` at its uses, since the layout says what each is. */
  #export(name: string): WebAssembly.ExportValue {
    const value = this.exports[name];
    if (value === undefined) throw new TypeError(`The instrumented module lacks its export ${name}`);
    return value;
  }

  /**
   * Ends the instantiation: applies the active segments, then runs the start function. Once, and when the instance is
   * in every ledger: if this fails, what it left in tables of others goes on.
   *
   * @throws what V8 throws when a segment does not fit or the start function traps
   */
  start(): void {
    for (const step of this.#steps) step();
  }

  /** The type of an original export; nothing that was added can be named. */
  typeOf(name: string): ExternalType | undefined {
    return this.#types.get(`n${name}`);
  }

  /**
   * The bytes that imports of ours read and write: of the memory that is exported as `memory`, or else of the first.
   * Undefined when there is none, or when it is shared: what others change meanwhile cannot be checked.
   */
  get memoryBuffer(): ArrayBuffer | undefined {
    this.#mainMemory ??= this.typeOf("memory")?.kind === "memory"
      ? this.exports["memory"] as WebAssembly.Memory // its type was tested
      : this.memories[0];
    const buffer = this.#mainMemory?.buffer;
    return buffer instanceof ArrayBuffer ? buffer : undefined;
  }

  /**
   * Whether it is a reactor of WASI, to be initialised by a call before any other. Modules of other kinds export the
   * same name, and leave the call to those who know them.
   */
  get isReactor(): boolean {
    const type = this.typeOf("_initialize");
    return type?.kind === "function" && type.params.length === 0 && type.results.length === 0 &&
      this.typeOf("_start")?.kind !== "function" &&
      this.layout.imports.some((item) => isWasiModule(item.module));
  }

  /** From now on whatever comes back through the shim is a trap. */
  kill(): void {
    this.#dead.value = 1;
  }

  revive(): void {
    this.#dead.value = 0;
  }
}

function neverCalled(): never {
  throw new Error("The shim's function for an import that another module provides was called");
}
