/** The parts of a module's bytes by the sections that they belong to. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import type { ByteRange, Module } from "../wasm/module.ts";
import { SECTIONS } from "../wasm/sections.ts";
import type { HexPart } from "./hex_view.ts";

/** A section, as it is asked for and shown. */
export interface SectionPart extends ByteRange {
  readonly name: string;
  readonly custom: boolean;
  /** Of its id; its range begins behind its size. */
  readonly offset: number;
}

/** The sections of a module, in order. */
export function sectionParts(module: Module): SectionPart[] {
  const customs = new Map(module.customs.map(({ offset, name }) => [offset, name]));
  return module.sections.map(({ id, offset, start, end }) => {
    const custom = customs.get(offset);
    return {
      name: custom ?? SECTIONS[id]?.name ?? String(id),
      custom: custom !== undefined,
      offset,
      start,
      end,
    };
  });
}

/** A section in words: `section code`, `custom section "name"`. */
export function sectionTitle({ name, custom }: Pick<SectionPart, "name" | "custom">): string {
  return custom ? `custom section ${quote(name)}` : `section ${name}`;
}

/** What of a range each section has, with its title; ids and sizes stand with what is behind them. */
export function partsOf(module: Module, { start, end }: ByteRange): HexPart[] {
  const parts: HexPart[] = [];
  const add = (title: string, from: number, to: number) => {
    const part = { title, start: Math.max(from, start), end: Math.min(to, end) };
    if (part.start < part.end) parts.push(part);
  };
  add("header", 0, 8);
  for (const section of sectionParts(module)) {
    add(`${sectionTitle(section)}, ${section.end - section.start} bytes`, section.offset, section.end);
  }
  return parts;
}

/**
 * The contents of the sections with a name; several custom sections may have it.
 *
 * @throws {AegisError} `NotFound`
 */
export function sectionsNamed(module: Module, wanted: string): HexPart[] {
  const sections = sectionParts(module);
  const found = sections.filter(({ name }) => name === wanted);
  if (found.length === 0) {
    const names = [...new Set(sections.map(({ name }) => name))];
    const near = suggest(wanted, names.filter((name) => name.length <= 80));
    throw new AegisError("NotFound", `Cannot find section ${quote(wanted)} in the module`, {
      suggestion: near.length > 0
        ? `Did you mean ${near.map(quote).join(" or ")}?`
        : `It has ${names.slice(0, 20).map(quote).join(", ")}${names.length > 20 ? ", …" : ""}.`,
    });
  }
  return found.map((section) => ({
    title: `${sectionTitle(section)}, ${section.end - section.start} bytes`,
    start: section.start,
    end: section.end,
  }));
}
