/** One instantiated module of the guest: its counters, its hidden exports, its hooks. */
import type { ContentAbi } from "./content_abi.ts";
import type { EngineCode, EngineInstance, GuestEngine, HookFunctions, ImportValue } from "./engine.ts";
import { V8_ENGINE } from "./v8_engine.ts";
import { isWasiModule } from "../wasi/functions.ts";
import type { ExternalType } from "../wasm/external_type.ts";
import { type HookName, HOOKS, type Layout } from "../instrument/layout.ts";

/** A mutable global of generated code. */
export interface Counter<T> {
  value: T;
}

/** What instrumented code calls through its hooks. */
export interface Hooks {
  refuel(instance: GuestInstance): void;
  stack(instance: GuestInstance): void;
  unwound(instance: GuestInstance): void;
  growMemory(instance: GuestInstance, index: number, pages: bigint): number;
  growTable(instance: GuestInstance, index: number, elements: bigint): number;
}

export class GuestInstance {
  readonly exports: WebAssembly.Exports;
  readonly fuel: Counter<bigint>;
  readonly stackUsed: Counter<number>;
  readonly stackCap: Counter<number>;
  readonly stackShared: Counter<number>;
  readonly memories: readonly WebAssembly.Memory[];
  readonly tables: readonly WebAssembly.Table[];
  readonly #steps: readonly (() => void)[];
  readonly #running: EngineInstance;
  readonly #types: ReadonlyMap<string, ExternalType>;
  #mainMemory: WebAssembly.Memory | undefined;
  /** What it does for values that lie in its memory; made when there is one. */
  content: ContentAbi | undefined;

  /** @param code what to run; in V8 unless it says in what */
  constructor(
    readonly layout: Layout,
    code: EngineCode & { readonly runner?: GuestEngine },
    imports: readonly ImportValue[],
    hooks: Hooks,
  ) {
    const { runner = V8_ENGINE } = code;
    this.#running = runner.instantiate(code, { imports, hooks: this.#bind(hooks) });
    this.exports = this.#running.exports;
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
    const table = this.#export(added.hooks) as WebAssembly.Table;
    for (const name of Object.keys(HOOKS) as HookName[]) table.set(HOOKS[name], this.#running.hooks[name]);
  }

  #bind(hooks: Hooks): HookFunctions {
    return {
      refuel: () => hooks.refuel(this),
      stack: () => hooks.stack(this),
      unwound: () => hooks.unwound(this),
      growMemory: (index: number, pages: bigint) => hooks.growMemory(this, index, pages),
      growTable: (index: number, elements: bigint) => hooks.growTable(this, index, elements),
    };
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

  /** From now on whatever comes back from a function of ours is a trap. */
  kill(): void {
    this.#running.kill();
  }

  revive(): void {
    this.#running.revive();
  }
}
