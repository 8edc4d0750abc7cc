import { describeExternal, type ExternalType } from "../wasm/external_type.ts";
import type { ExternalKind, Module } from "../wasm/module.ts";

/** Tells the type of the item of a kind at an index. */
export type TypeReader = (kind: ExternalKind, index: number) => ExternalType;

/**
 * Reads the types of a module's items. Functions and tags of one type share their description: a module of a few
 * megabytes may have a million functions of a thousand parameters.
 */
export function typeReader(module: Module): TypeReader {
  const shared = { function: new Map<number, ExternalType>(), tag: new Map<number, ExternalType>() };
  return (kind, index) => {
    if (kind !== "function" && kind !== "tag") return describeExternal(module, kind, index);
    const types = shared[kind];
    const typeIndex = (kind === "function" ? module.functions[index] : module.tags[index]?.typeIndex) ?? -1;
    const known = types.get(typeIndex);
    if (known !== undefined) return known;
    const type = describeExternal(module, kind, index);
    types.set(typeIndex, type);
    return type;
  };
}
