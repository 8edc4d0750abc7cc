import type { Module } from "../wasm/module.ts";
import { type NamedSpace, readNames } from "../wasm/names.ts";

/** What the items of a module are called: by the name section, else as they are exported, else as they are imported. */
export class ItemNames {
  readonly #names;
  readonly #outer: Readonly<Partial<Record<NamedSpace, Map<number, string>>>>;

  constructor(module: Module) {
    this.#names = readNames(module);
    const outer = {
      function: new Map<number, string>(),
      table: new Map<number, string>(),
      memory: new Map<number, string>(),
      global: new Map<number, string>(),
      tag: new Map<number, string>(),
    };
    for (const { kind, index, name } of module.exports) {
      if (!outer[kind].has(index)) outer[kind].set(index, name);
    }
    for (const { kind, index, module: from, name } of module.imports) {
      if (!outer[kind].has(index)) outer[kind].set(index, `${from}.${name}`);
    }
    this.#outer = outer;
  }

  /** Of the module itself, by the name section. */
  get module(): string | undefined {
    return this.#names.module;
  }

  /** The name of an item, if it has one. */
  of(space: NamedSpace, index: number): string | undefined {
    return this.#names.of(space, index) ?? this.#outer[space]?.get(index);
  }

  /** What the name section calls an item, whatever it is exported or imported as. */
  own(space: NamedSpace, index: number): string | undefined {
    return this.#names.of(space, index);
  }

  /** Names of the parameters and locals of a function, by their index. Decoded anew each time. */
  locals(functionIndex: number): ReadonlyMap<number, string> {
    return this.#names.locals(functionIndex);
  }
}
