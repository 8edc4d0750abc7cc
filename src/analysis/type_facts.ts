import type { Module } from "../wasm/module.ts";
import { byteWidth, V128 } from "../wasm/types.ts";

/** Sizes of function types and tags, worked out once a type. */
export class TypeFacts {
  readonly #module: Module;
  /** By type, 0 for types that are not of functions. */
  readonly #params: Uint16Array;
  readonly #results: Uint16Array;
  readonly #bytes: Map<number, number> = new Map();

  constructor(module: Module) {
    this.#module = module;
    this.#params = new Uint16Array(module.types.length);
    this.#results = new Uint16Array(module.types.length);
    for (const [index, { composite }] of module.types.entries()) {
      if (composite.kind !== "func") continue;
      this.#params[index] = composite.params.length;
      this.#results[index] = composite.results.length;
    }
  }

  params(typeIndex: number): number {
    return this.#params[typeIndex] ?? 0;
  }

  results(typeIndex: number): number {
    return this.#results[typeIndex] ?? 0;
  }

  /** Bytes of arguments and results together. */
  bytes(typeIndex: number): number {
    let bytes = this.#bytes.get(typeIndex);
    if (bytes !== undefined) return bytes;
    bytes = 0;
    const type = this.#module.types[typeIndex]?.composite;
    if (type?.kind === "func") {
      for (const value of type.params) bytes += byteWidth(value);
      for (const value of type.results) bytes += byteWidth(value);
    }
    this.#bytes.set(typeIndex, bytes);
    return bytes;
  }

  /** 64-bit words of a tag's payload. */
  tagWords(tag: number): number {
    const type = this.#module.types[this.#module.tags[tag]?.typeIndex ?? -1]?.composite;
    return type?.kind === "func"
      ? type.params.reduce((words, value) => words + (value === V128 ? 2 : 1), 0)
      : 0;
  }
}
