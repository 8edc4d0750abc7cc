/** What a client is generated from: the functions of a module with the types that callers see. Plain data. */
import { importKey, isContentKind, type Signature } from "../../core/signature.ts";
import { describeExports, describeImports } from "../../wasm/external_type.ts";
import type { Module } from "../../wasm/module.ts";
import { readSignatures } from "../../wasm/read_signatures.ts";
import { isOffered } from "../../inspection/needs.ts";
import { seenType } from "../../inspection/seen_type.ts";
import { memberNames } from "./member_names.ts";

/** A function that callers call. */
export interface ClientFunction {
  readonly name: string;
  /** Its name in the client. */
  readonly member: string;
  readonly signature: Signature;
}

/** A function that the module wants of its host. */
export interface ClientImport extends ClientFunction {
  readonly module: string;
  /** The name of its group in the client's imports. */
  readonly group: string;
}

/** An item that the client cannot offer. */
export interface LeftOut {
  readonly what: "export" | "import";
  /** One name of an export, two of an import. */
  readonly names: readonly string[];
  readonly reason: string;
}

export interface ClientModel {
  /** The module as it was named, without its folder. */
  readonly moduleName: string;
  /** SHA-256 of the binary module, in hexadecimal. */
  readonly hash: string;
  /** In the order of the module. */
  readonly functions: readonly ClientFunction[];
  /** Grouped by module, in the order in which the modules are first named. */
  readonly imports: readonly ClientImport[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Exports that serve the language or the host, not callers: allocators, starts, and what compilers name `__heap_base` and
 * the like. None of those ends as it begins, and `__proto__` is a name like any other.
 */
const INTERNAL = /^(?:aegis_alloc|aegis_free|_start|_initialize|__(?!.+__$).*)$/s;

/** Gathers what a valid module offers and needs. */
export function clientModel(module: Module, identity: { moduleName: string; hash: string }): ClientModel {
  const stated = readSignatures(module), leftOut: LeftOut[] = [];
  const reject = (what: LeftOut["what"], names: readonly string[], reason: string) => {
    leftOut.push({ what, names, reason });
    return [];
  };
  const functions = describeExports(module).flatMap(({ name, type }) => {
    const signature = stated.exports.get(name);
    if (type.kind !== "function" || signature === undefined && INTERNAL.test(name)) return [];
    const seen = seenType(type, signature);
    return typeof seen === "string" ? reject("export", [name], seen) : [{ name, signature: seen }];
  });
  const wanted = new Map<string, Omit<ClientImport, "member" | "group">>();
  for (const item of describeImports(module)) {
    if (isOffered(item)) continue;
    const { module: from, name, type } = item, names = [from, name];
    const signature = stated.imports.get(importKey(from, name));
    const seen = type.kind === "function"
      ? seenType(type, signature)
      : `a ${type.kind} comes from another module of the sandbox`;
    if (typeof seen === "string") reject("import", names, seen);
    else {
      const key = JSON.stringify(names), first = wanted.get(key);
      if (first === undefined) wanted.set(key, { module: from, name, signature: seen });
      else if (JSON.stringify(first.signature) !== JSON.stringify(seen)) {
        reject("import", names, "it is imported with two types");
      }
    }
  }
  return { ...identity, functions: withMembers(functions), imports: grouped([...wanted.values()]), leftOut };
}

/** Whether values of a function lie in memory, so that the library has to know its signature. */
export function hasContent({ params, results }: Signature): boolean {
  return [...params, ...results].some(isContentKind);
}

function withMembers<T extends { readonly name: string }>(items: readonly T[]): (T & { member: string })[] {
  const members = memberNames(items.map(({ name }) => name));
  return items.map((item) => ({ ...item, member: members.get(item.name) ?? item.name }));
}

function grouped(imports: readonly Omit<ClientImport, "member" | "group">[]): ClientImport[] {
  const byModule = Map.groupBy(imports, ({ module }) => module);
  const groups = memberNames([...byModule.keys()]);
  return [...byModule].flatMap(([module, items]) =>
    withMembers(items).map((item) => ({ ...item, group: groups.get(module) ?? module }))
  );
}
