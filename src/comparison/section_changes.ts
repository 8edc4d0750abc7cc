import type { Module } from "../wasm/module.ts";
import { SECTIONS } from "../wasm/sections.ts";
import { type Listed, Listing } from "./listed.ts";

/** A section that one module has alone, or whose bytes are others. */
export interface SectionChange {
  /** The name of a custom section, else the specification's name of the section. */
  readonly name: string;
  readonly custom: boolean;
  /** Bytes of the contents; absent where a module has none. */
  readonly before?: number;
  readonly after?: number;
}

interface Contents {
  readonly name: string;
  readonly custom: boolean;
  readonly bytes: Uint8Array;
}

function contentsOf(module: Module): Map<string, Contents> {
  const names = new Map(module.customs.map(({ offset, name }) => [offset, name]));
  const contents = new Map<string, Contents>(), times = new Map<string, number>();
  for (const { id, offset, start, end } of module.sections) {
    const custom = names.get(offset), name = custom ?? SECTIONS[id]?.name ?? String(id);
    const kind = `${custom === undefined ? "" : "custom "}${name}`, time = times.get(kind) ?? 0;
    times.set(kind, time + 1);
    // Custom sections of one name are told apart by their order.
    contents.set(`${time} ${kind}`, {
      name,
      custom: custom !== undefined,
      bytes: module.bytes.subarray(start, end),
    });
  }
  return contents;
}

/** Whether two ranges of bytes are equal. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Compares the sections of two modules by their bytes. */
export function sectionChanges(one: Module, other: Module): Listed<SectionChange> {
  const before = contentsOf(one), after = contentsOf(other), changes = new Listing<SectionChange>();
  for (const [key, { name, custom, bytes }] of before) {
    const found = after.get(key);
    if (found !== undefined && sameBytes(bytes, found.bytes)) continue;
    const size = found === undefined ? {} : { after: found.bytes.length };
    changes.add(() => ({ name, custom, before: bytes.length, ...size }));
  }
  for (const [key, { name, custom, bytes }] of after) {
    if (!before.has(key)) changes.add(() => ({ name, custom, after: bytes.length }));
  }
  return changes;
}
