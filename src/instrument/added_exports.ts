import type { Module } from "../wasm/module.ts";

/** What all added exports begin with. */
const PREFIX = "aegis:";

/** Names for added exports: each is lengthened until the module exports nothing of that name itself. */
export class AddedNames {
  readonly #taken: Set<string>;

  constructor(module: Module) {
    this.#taken = new Set(module.exports.map((item) => key(item.name)));
  }

  name(wanted: string): string {
    let name = PREFIX + wanted;
    while (this.#taken.has(key(name))) name += "'";
    this.#taken.add(key(name));
    return name;
  }
}

/**
 * V8 hashes strings of digits by their value, without a seed: 100,000 of them, well chosen, would keep a set busy for
 * 10 s. A letter in front makes them strings like any other.
 */
function key(name: string): string {
  return `n${name}`;
}
