/**
 * The modules of a runtime: each different sequence of bytes is prepared once for an engine, however often and under
 * whatever names it is loaded, also at the same time. What was used longest ago is forgotten when there is too much; a module that somebody
 * holds goes on working all the same.
 */
import { AegisModule } from "./module.ts";
import { toHex } from "../core/bytes.ts";
import type { WatchLevel } from "./load_options.ts";
import type { PrepareTarget } from "./preparer.ts";
import type { Engine } from "../core/engine.ts";
import type { Prepared } from "../guest/prepare.ts";

/** Modules that are kept: how many different ones, and bytes of instrumented code. */
const MOST_MODULES = 256, MOST_BYTES = 128 * 1024 * 1024;

/** Names under which one module is known; the oldest is forgotten first. */
const MOST_NAMES = 16;

/**
 * The modules that a runtime has loaded and still knows: the 256 different ones used last, or fewer when their code comes
 * to more than 128 MiB. A key is a module's SHA-256 in hexadecimal, or the name that it was last loaded under. What was
 * loaded for both engines, or to be watched, counts for each; its hash means the one used last.
 */
export interface ModuleRegistry extends Iterable<AegisModule> {
  /** How many different ones there are. */
  readonly size: number;
  /** Bytes of their code after instrumentation. */
  readonly bytes: number;
  /** The module with that hash or name; undefined when there is none, or none any more. Counts as a use. */
  get(key: string): AegisModule | undefined;
  /** Whether there is one with that hash or name. */
  has(key: string): boolean;
  /** One for each different module, as it was last loaded; the one used last is at the end. */
  list(): readonly AegisModule[];
  /** Forgets a module and its names, by any of them; by its hash for both engines. Sandboxes that have loaded it keep it. @returns whether there was one */
  remove(key: string): boolean;
}

interface Entry {
  readonly hash: string;
  readonly engine: Engine;
  /** The bytes themselves, for snapshots: what the interpreter runs may be saved. */
  readonly original: Uint8Array<ArrayBuffer> | undefined;
  readonly watch: WatchLevel | undefined;
  readonly pending: Promise<Prepared>;
  /** Zero until it is known. */
  bytes: number;
  /** By the name each was loaded with, the last one last. */
  readonly modules: Map<string | undefined, AegisModule>;
}

/** Digits of a SHA-256. */
const HASH_LENGTH = 64;

type Prepare = (bytes: Uint8Array<ArrayBuffer>, target: PrepareTarget) => Promise<Prepared>;

function keyOf({ hash, engine, watch }: PrepareTarget): string {
  return `${engine} ${watch ?? ""} ${hash}`;
}

export class ModuleCache implements ModuleRegistry {
  readonly #prepare: Prepare;
  /** By engine and hash, the one used last at the end. */
  readonly #entries: Map<string, Entry> = new Map();
  /** The entry that was last loaded under a name. */
  readonly #named: Map<string, Entry> = new Map();

  /** @param prepare checks, instruments and compiles; owns the bytes from then on */
  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  /** @param bytes owned by the cache from now on @throws what preparing them fails with */
  async load(
    bytes: Uint8Array<ArrayBuffer>,
    { name, engine = "v8", watch }: {
      readonly name?: string | undefined;
      readonly engine?: Engine;
      readonly watch?: WatchLevel | undefined;
    },
  ): Promise<AegisModule> {
    const hash = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
    const target = { hash, engine, watch }, key = keyOf(target);
    const original = engine === "interpreter" ? Uint8Array.from(bytes) : undefined;
    const entry = this.#entries.get(key) ??
      { ...target, original, pending: this.#prepare(bytes, target), bytes: 0, modules: new Map() };
    this.#touch(entry);
    try {
      const prepared = await entry.pending;
      entry.bytes = prepared.instrumentedSize;
      const module = entry.modules.get(name) ??
        new AegisModule(prepared, { hash, name, original: entry.original });
      if (this.#entries.get(key) === entry) this.#name(entry, module);
      return module;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#drop(entry); // the caller sees the error, and a repetition is rare
      throw error;
    } finally {
      this.#evict();
    }
  }

  get size(): number {
    return this.list().length;
  }

  get bytes(): number {
    return this.#entries.values().reduce((sum, entry) => sum + entry.bytes, 0);
  }

  get(key: string): AegisModule | undefined {
    const entry = this.#find(key);
    if (entry === undefined) return undefined;
    this.#touch(entry);
    return entry.hash === key ? latest(entry) : entry.modules.get(key);
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  list(): readonly AegisModule[] {
    return [...this.#entries.values()].map(latest).filter((module) => module !== undefined);
  }

  remove(key: string): boolean {
    const entry = this.#find(key);
    if (entry === undefined) return false;
    for (const each of key === entry.hash ? this.#withHash(key) : [entry]) this.#drop(each);
    return true;
  }

  [Symbol.iterator](): Iterator<AegisModule> {
    return this.list()[Symbol.iterator]();
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#named.clear();
  }

  /** By hash before by name: whoever chooses a name shall not stand before a module. One that is being prepared is not there yet. */
  #find(key: string): Entry | undefined {
    const entry = this.#withHash(key).at(-1) ?? this.#named.get(key);
    return entry === undefined || entry.modules.size === 0 ? undefined : entry;
  }

  /** One for each way to run it, the one used last at the end. */
  #withHash(hash: string): Entry[] {
    return hash.length !== HASH_LENGTH
      ? []
      : [...this.#entries.values()].filter((entry) => entry.hash === hash);
  }

  #touch(entry: Entry): void {
    const key = keyOf(entry);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #name(entry: Entry, module: AegisModule): void {
    const { name } = module, { modules } = entry;
    modules.delete(name); // and in again, as the last
    modules.set(name, module);
    if (name !== undefined) this.#named.set(name, entry);
    if (modules.size <= MOST_NAMES) return;
    for (const oldest of modules.keys()) {
      modules.delete(oldest);
      this.#forgetName(oldest, entry);
      break;
    }
  }

  #forgetName(name: string | undefined, entry: Entry): void {
    if (name !== undefined && this.#named.get(name) === entry) this.#named.delete(name);
  }

  #drop(entry: Entry): void {
    this.#entries.delete(keyOf(entry));
    for (const name of entry.modules.keys()) this.#forgetName(name, entry);
  }

  /** Drops what was used longest ago until the rest is within bounds. The newest is kept in any case. */
  #evict(): void {
    let bytes = 0, kept = 0;
    for (const entry of [...this.#entries.values()].reverse()) {
      bytes += entry.bytes;
      if (++kept > 1 && (kept > MOST_MODULES || bytes > MOST_BYTES)) this.#drop(entry);
    }
  }
}

function latest(entry: Entry): AegisModule | undefined {
  return [...entry.modules.values()].at(-1);
}
