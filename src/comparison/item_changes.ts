/** What two modules ask for and offer by name, and what changed in it. */
import { cutText } from "../core/cut.ts";
import { externalText } from "../inspection/external_text.ts";
import { typeReader } from "../inspection/type_reader.ts";
import type { ExternalType } from "../wasm/external_type.ts";
import type { ExternalKind, Module } from "../wasm/module.ts";
import { type Listed, Listing } from "./listed.ts";

/** UTF-16 units of a type that are shown. What is compared is the whole. */
const LONGEST_TYPE = 500;

/** An import, export or item of a module that another one has not, or has with another type. */
export interface ItemChange {
  /** The module that an import is from. */
  readonly from?: string;
  readonly name: string;
  /** Kind and type in the first module; absent where it has none. */
  readonly before?: string;
  /** The same in the second module. */
  readonly after?: string;
}

interface NamedItem {
  readonly key: string;
  readonly from?: string;
  readonly name: string;
  readonly type: string;
}

/** Writes types; functions of one type share their text. */
function typeTexts(module: Module): (kind: ExternalKind, index: number) => string {
  const typeOf = typeReader(module), texts = new Map<ExternalType, string>();
  return (kind, index) => {
    const type = typeOf(kind, index), known = texts.get(type);
    if (known !== undefined) return known;
    const text = `${kind} ${externalText(type)}`;
    texts.set(type, text);
    return text;
  };
}

function importsOf(module: Module): NamedItem[] {
  const typeText = typeTexts(module);
  return module.imports.map(({ module: from, name, kind, index }) => ({
    key: JSON.stringify([from, name]),
    from,
    name,
    type: typeText(kind, index),
  }));
}

function exportsOf(module: Module): NamedItem[] {
  const typeText = typeTexts(module);
  return module.exports.map(({ name, kind, index }) => ({ key: name, name, type: typeText(kind, index) }));
}

/** Memories and tables, which need no name. */
function storesOf(module: Module): NamedItem[] {
  const typeText = typeTexts(module);
  const items = (kind: "memory" | "table", count: number) =>
    Array.from({ length: count }, (_, index): NamedItem => {
      const name = `${kind} ${index}`;
      return { key: name, name, type: typeText(kind, index) };
    });
  return [...items("memory", module.memories.length), ...items("table", module.tables.length)];
}

/** Items of one key are taken for each other in their order: a module may import a name more than once. */
function changesOf(one: readonly NamedItem[], other: readonly NamedItem[]): Listed<ItemChange> {
  const waiting = new Map<string, NamedItem[]>(), changes = new Listing<ItemChange>();
  for (const item of other.toReversed()) {
    const stack = waiting.get(item.key);
    if (stack === undefined) waiting.set(item.key, [item]);
    else stack.push(item);
  }
  const add = ({ from, name }: NamedItem, before: string | undefined, after: string | undefined) =>
    changes.add(() => ({
      ...(from === undefined ? {} : { from }),
      name,
      ...(before === undefined ? {} : { before: cutText(before, LONGEST_TYPE) }),
      ...(after === undefined ? {} : { after: cutText(after, LONGEST_TYPE) }),
    }));
  const found = new Set<NamedItem>();
  for (const item of one) {
    const same = waiting.get(item.key)?.pop();
    if (same !== undefined) found.add(same);
    if (same?.type !== item.type) add(item, item.type, same?.type);
  }
  for (const item of other) if (!found.has(item)) add(item, undefined, item.type);
  return changes;
}

/** Changes of all that has a type of its own. */
export interface ItemChanges {
  readonly imports: Listed<ItemChange>;
  readonly exports: Listed<ItemChange>;
  /** Memories and tables by their index. */
  readonly stores: Listed<ItemChange>;
}

/** Compares imports, exports, memories and tables. */
export function itemChanges(one: Module, other: Module): ItemChanges {
  return {
    imports: changesOf(importsOf(one), importsOf(other)),
    exports: changesOf(exportsOf(one), exportsOf(other)),
    stores: changesOf(storesOf(one), storesOf(other)),
  };
}
