import { fitsType, type Kind, type Signature } from "../core/signature.ts";
import type { FuncType } from "../core/value.ts";
import type { Module } from "../wasm/module.ts";
import { readSignatures } from "../wasm/read_signatures.ts";
import { seenType } from "./seen_type.ts";
import { typeReader } from "./type_reader.ts";

/** An exported function as somebody would call it. */
export interface CallableExport {
  readonly name: string;
  /** Of the function. */
  readonly index: number;
  /** As the module states them where that fits the function, else those of WebAssembly. */
  readonly params: readonly Kind[];
  readonly results: readonly Kind[];
  /** Why nobody outside can call it; its lists are empty then. */
  readonly problem?: string;
}

/** The functions that a module exports, in its order, with the types of what they take and return. */
export function callableExports(module: Module): CallableExport[] {
  const stated = readSignatures(module).exports, typeOf = typeReader(module);
  // Most functions share a type with many, and a type may have a thousand parameters.
  const unstated = new Map<FuncType, Signature | string>();
  const seenOf = (type: FuncType, name: string): Signature | string => {
    const signature = stated.get(name);
    if (signature !== undefined && fitsType(signature, type)) return signature;
    const seen = unstated.get(type) ?? seenType(type, undefined);
    unstated.set(type, seen);
    return seen;
  };
  return module.exports.flatMap(({ name, kind, index }) => {
    const type = typeOf(kind, index);
    if (type.kind !== "function") return [];
    const seen = seenOf(type, name);
    return typeof seen === "string"
      ? [{ name, index, params: [], results: [], problem: seen }]
      : [{ name, index, ...seen }];
  });
}
