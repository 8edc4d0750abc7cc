import type { Module } from "../wasm/module.ts";

/** What all added exports begin with. */
const PREFIX = "aegis:";

/** Names for added exports: each is lengthened until the module exports nothing of that name itself. */
export class AddedNames {
  readonly #taken: Set<string>;

  constructor(module: Module) {
    this.#taken = new Set(module.exports.map((item) => item.name));
  }

  name(wanted: string): string {
    let name = PREFIX + wanted;
    while (this.#taken.has(name)) name += "'";
    this.#taken.add(name);
    return name;
  }
}
