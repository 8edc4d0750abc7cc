/** The lists of a module, from which parts are taken: an entry is made when it is asked for. */
import { cutText } from "../../core/cut.ts";
import { externalText } from "../../inspection/external_text.ts";
import type { Inspection, ItemEntry } from "../../inspection/inspection.ts";
import type { ExternalType } from "../../wasm/external_type.ts";
import type { Module } from "../../wasm/module.ts";
import { type ListEntry, type ListName, type ListPart, MOST } from "./inspector_protocol.ts";

/** A list, and how it is shown. */
export interface ListSource<Entry> {
  readonly count: number;
  /** What a text is looked for in. */
  readonly names: (place: number) => string;
  readonly entry: (place: number) => Entry;
}

/** Which part of a list is asked for. */
export interface ListQuestion {
  readonly from: number;
  readonly count: number;
  readonly text?: string | undefined;
}

/** A part of a list, in time that is linear in the list. */
export function listPart<Entry>(
  { count: length, names, entry }: ListSource<Entry>,
  { from, count, text = "" }: ListQuestion,
): ListPart<Entry> {
  const entries: Entry[] = [], wanted = text.toLowerCase(), most = Math.min(count, MOST.entries);
  const begin = Math.max(0, from);
  if (wanted === "") {
    for (let place = begin; place < length && entries.length < most; place++) entries.push(entry(place));
    return { total: length, from: begin, entries };
  }
  let total = 0;
  for (let place = 0; place < length; place++) {
    if (!names(place).toLowerCase().includes(wanted)) continue;
    if (total >= begin && entries.length < most) entries.push(entry(place));
    total++;
  }
  return { total, from: begin, entries };
}

/** A list of items that have names and make entries. */
function source<Item extends { readonly name?: string; readonly from?: string }>(
  items: readonly Item[],
  entry: (item: Item, place: number) => ListEntry,
): ListSource<ListEntry> {
  return {
    count: items.length,
    names: (place) => `${items[place]?.from ?? ""}.${items[place]?.name ?? ""}`,
    entry: (place) => {
      const item = items[place];
      if (item === undefined) throw new RangeError(`Cannot find entry ${place} of ${items.length}`);
      return entry(item, place);
    },
  };
}

/** All lists of a module. */
export function listSources(
  module: Module,
  inspection: Inspection,
): Readonly<Record<ListName, ListSource<ListEntry>>> {
  const item = ({ index, imported, name, type, size }: ItemEntry): ListEntry => {
    const offset = type.kind === "function"
      ? module.bodies[index - module.imported.function]?.start
      : undefined;
    return {
      index,
      imported,
      ...typed(type),
      ...named(name),
      ...(size === undefined ? {} : { size }),
      ...(offset === undefined ? {} : { offset }),
    };
  };
  return {
    exports: source(
      inspection.exports,
      ({ name, index, type }) => ({ index, ...typed(type), ...named(name) }),
    ),
    imports: source(
      inspection.imports,
      ({ from = "", name, index, type }) => ({ index, ...typed(type), ...named(name), from: shown(from) }),
    ),
    functions: source(inspection.functions, item),
    memories: source(inspection.memories, item),
    tables: source(inspection.tables, item),
    globals: source(inspection.globals, item),
    tags: source(inspection.tags, item),
    segments: source(inspection.segments, ({ kind, index, mode, name, target, size, type }) => ({
      index,
      kind,
      mode,
      size,
      ...named(name),
      ...(target === undefined ? {} : { target }),
      ...(type === undefined ? {} : { type }),
      offset: (kind === "data" ? module.data : module.elements)[index]?.offset ?? 0,
    })),
    sections: source(inspection.sections, ({ name, custom, offset, size }, index) => ({
      index,
      kind: custom ? "custom" : "section",
      ...named(name),
      offset,
      size,
    })),
  };
}

/** A name or type as it is shown. */
export function shown(text: string): string {
  return cutText(text, MOST.text);
}

function named(name: string | undefined): Pick<ListEntry, "name"> {
  return name === undefined ? {} : { name: shown(name) };
}

function typed(type: ExternalType): Pick<ListEntry, "kind" | "type"> {
  return { kind: type.kind, type: shown(externalText(type)) };
}
