/**
 * Reads two custom sections by which tools sign their work, for people to look at. Whatever is wrong in them ends the
 * reading of that section, silently: they are hints.
 */
import { ModuleInvalidError } from "../core/errors.ts";
import { Cursor } from "./cursor.ts";
import type { Module } from "./module.ts";

/** One tool or language: `field` is `language`, `processed-by` or `sdk`. */
export interface Producer {
  readonly field: string;
  readonly name: string;
  readonly version: string;
}

/** A feature that a linker recorded: `+` used, `-` must not be used, `=` required (an old form). */
export interface TargetFeature {
  readonly prefix: "+" | "-" | "=";
  readonly name: string;
}

/** The entries of the section `producers`. */
export function readProducers(module: Module): readonly Producer[] {
  return readSection(module, "producers", (cursor, producers: Producer[]) => {
    for (let fields = cursor.u32("number of fields"); fields > 0; fields--) {
      const field = cursor.name("field");
      for (let values = cursor.u32("number of values"); values > 0; values--) {
        producers.push({ field, name: cursor.name("value"), version: cursor.name("version") });
      }
    }
  });
}

/** The entries of the section `target_features`. */
export function readTargetFeatures(module: Module): readonly TargetFeature[] {
  return readSection(module, "target_features", (cursor, features: TargetFeature[]) => {
    for (let left = cursor.u32("number of features"); left > 0; left--) {
      const prefix = String.fromCharCode(cursor.u8("prefix"));
      if (prefix !== "+" && prefix !== "-" && prefix !== "=") return;
      features.push({ prefix, name: cursor.name("feature") });
    }
  });
}

function readSection<T>(
  module: Module,
  name: string,
  read: (cursor: Cursor, entries: T[]) => void,
): readonly T[] {
  const entries: T[] = [];
  const section = module.customs.find((custom) => custom.name === name);
  if (section === undefined) return entries;
  try {
    read(new Cursor(module.bytes, section.start, section.end), entries);
  } catch (error) {
    if (!(error instanceof ModuleInvalidError)) throw error;
  }
  return entries;
}
