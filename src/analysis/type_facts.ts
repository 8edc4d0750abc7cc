import type { Module } from "../wasm/module.ts";
import { byteWidth, V128 } from "../wasm/types.ts";

/** Sizes of function types and tags, worked out once a type. */
export class TypeFacts {
  readonly #module: Module;
  readonly #bytes: Map<number, number> = new Map();

  constructor(module: Module) {
    this.#module = module;
  }

  params(typeIndex: number): number {
    const type = this.#module.types[typeIndex]?.composite;
    return type?.kind === "func" ? type.params.length : 0;
  }

  results(typeIndex: number): number {
    const type = this.#module.types[typeIndex]?.composite;
    return type?.kind === "func" ? type.results.length : 0;
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
