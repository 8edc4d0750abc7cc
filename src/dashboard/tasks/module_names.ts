/** What modules are called. The server's list is asked for once, and again for a module that is not in it. */
import type { Api } from "../api.ts";
import { ApiError } from "../api_error.ts";
import type { Module } from "../api_types.ts";
import { shortText } from "../format.ts";

export class ModuleNames {
  readonly #api: Api;
  #loading: Promise<{ readonly items: readonly Module[] }> | undefined;
  #modules: ReadonlyMap<string, Module> = new Map();
  /** Those that the server does not have in its list. */
  readonly #others: Map<string, Module | undefined> = new Map();

  constructor(api: Api) {
    this.#api = api;
  }

  /** The latest first. */
  get all(): readonly Module[] {
    return [...this.#modules.values()];
  }

  /** Asks the server; who asks while that is under way gets the same answer. */
  async load(): Promise<void> {
    this.#loading ??= this.#api.get<{ items: Module[] }>("/modules").finally(() => this.#loading = undefined);
    const { items } = await this.#loading;
    this.#modules = new Map(items.map((module) => [module.hash, module]));
  }

  /** Looks for those that are not known. @returns whether there was one */
  async want(hashes: Iterable<string>): Promise<boolean> {
    const unknown = [...new Set(hashes)].filter((hash) =>
      !this.#modules.has(hash) && !this.#others.has(hash)
    );
    if (unknown.length === 0) return false;
    await this.load();
    for (const hash of unknown.filter((one) => !this.#modules.has(one))) {
      this.#others.set(hash, undefined);
      try {
        this.#others.set(hash, await this.#api.get<Module>(`/modules/${hash}`));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
    return true;
  }

  get(hash: string): Module | undefined {
    return this.#modules.get(hash) ?? this.#others.get(hash);
  }

  /** Its name; else the beginning of its hash. */
  text(hash: string): string {
    return this.get(hash)?.name ?? shortText(hash);
  }
}
