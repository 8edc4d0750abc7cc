/** The sections of a module by their offsets: which stands where, and how large each is with its head. */
import type { ModuleInspector } from "../inspector/inspector_client.ts";
import { type ListEntry, MOST } from "../inspector/inspector_protocol.ts";

/** A section, or the bytes before the first. */
export interface SectionPart {
  readonly name: string;
  readonly kind: "section" | "custom" | "head";
  readonly offset: number;
  /** Bytes, those before its payload included. */
  readonly size: number;
}

/** Bytes of the magic number and the version. */
const HEAD = 8;

/** Sections that are told apart; a module may have millions. */
export const MOST_SECTIONS = 5000;

/** Sections as parts that cover the module, in its order. @param entries in the order of their offsets */
export function sectionParts(entries: readonly ListEntry[], size: number): SectionPart[] {
  const head: SectionPart = {
    name: "magic and version",
    kind: "head",
    offset: 0,
    size: Math.min(HEAD, size),
  };
  const parts = entries.map(({ kind, name = "", offset = 0 }, index): SectionPart => ({
    name,
    kind: kind === "custom" ? "custom" : "section",
    offset,
    size: (entries[index + 1]?.offset ?? size) - offset,
  }));
  return [head, ...parts];
}

/** How many parts begin at an offset or before. */
function countUpTo(parts: readonly SectionPart[], offset: number): number {
  let low = 0, high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1, part = parts[middle];
    if (part !== undefined && part.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The parts that begin between two offsets, the second not included. */
export function partsFrom(parts: readonly SectionPart[], begin: number, end: number): readonly SectionPart[] {
  return parts.slice(countUpTo(parts, begin - 1), countUpTo(parts, end - 1));
}

/** The part in which an offset lies. */
export function partAt(parts: readonly SectionPart[], offset: number): SectionPart | undefined {
  const part = parts[countUpTo(parts, offset) - 1];
  return part !== undefined && offset < part.offset + part.size ? part : undefined;
}

/** All parts of a module, up to {@linkcode MOST_SECTIONS}. */
export async function readSections(inspector: ModuleInspector): Promise<SectionPart[]> {
  const { summary } = inspector, entries = [...summary.sections];
  const count = Math.min(summary.counts.sections, MOST_SECTIONS);
  while (entries.length < count) {
    const part = await inspector.list({ list: "sections", from: entries.length, count: MOST.entries });
    if (part.entries.length === 0) break;
    entries.push(...part.entries);
  }
  const next = entries.length < summary.counts.sections
    ? (await inspector.list({ list: "sections", from: entries.length, count: 1 })).entries[0]?.offset
    : undefined;
  return sectionParts(entries, next ?? summary.size);
}
