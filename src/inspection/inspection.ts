/** What is known of a module without running it: plain data, which the command prints and the dashboard shows. */
import { moduleFeatures } from "../analysis/features.ts";
import type { ExternalType } from "../wasm/external_type.ts";
import type { ExternalKind, Module } from "../wasm/module.ts";
import { readNames } from "../wasm/names.ts";
import { type Producer, readProducers, readTargetFeatures, type TargetFeature } from "../wasm/producers.ts";
import { SECTIONS } from "../wasm/sections.ts";
import { formatType } from "../wasm/types.ts";
import type { ModuleForm } from "./module_form.ts";
import { isWasiModule } from "../wasi/functions.ts";
import { type Need, needsOf } from "./needs.ts";
import { typeReader } from "./type_reader.ts";
import type { Verdict } from "./verdict.ts";

/** An import or export; `from` is the module that it is imported from. */
export interface ExternalEntry {
  readonly from?: string;
  readonly name: string;
  /** In the index space of its kind. */
  readonly index: number;
  readonly type: ExternalType;
}

/** A memory, table, global, tag or function of the module. */
export interface ItemEntry {
  readonly index: number;
  readonly imported: boolean;
  /** From the name section, else the name by which it is exported or imported. */
  readonly name?: string;
  readonly type: ExternalType;
  /** Bytes of a function's code and locals; absent for imports and for what has no code. */
  readonly size?: number;
}

export interface SegmentEntry {
  readonly kind: "data" | "element";
  readonly index: number;
  readonly mode: string;
  readonly name?: string;
  /** Of an active segment: index of its memory or table. */
  readonly target?: number;
  /** Bytes of data, or number of elements. */
  readonly size: number;
  /** Type of the elements. */
  readonly type?: string;
}

export interface SectionEntry {
  /** The name of a custom section, else the specification's name of the section. */
  readonly name: string;
  readonly custom: boolean;
  readonly offset: number;
  /** Bytes of the payload. */
  readonly size: number;
}

export interface Inspection extends Verdict {
  readonly form: ModuleForm;
  /** Bytes of the module in binary form. */
  readonly size: number;
  readonly moduleName: string | undefined;
  readonly exports: readonly ExternalEntry[];
  readonly imports: readonly ExternalEntry[];
  readonly functions: readonly ItemEntry[];
  readonly memories: readonly ItemEntry[];
  readonly tables: readonly ItemEntry[];
  readonly globals: readonly ItemEntry[];
  readonly tags: readonly ItemEntry[];
  /** Index of the start function. */
  readonly start: number | undefined;
  readonly segments: readonly SegmentEntry[];
  readonly sections: readonly SectionEntry[];
  readonly producers: readonly Producer[];
  /** What a linker noted about features, which the code need not bear out. */
  readonly targetFeatures: readonly TargetFeature[];
  readonly features: readonly string[];
  readonly needs: readonly Need[];
  readonly needsWasi: boolean;
  /** What was ignored in the names that the module gives. */
  readonly notes: readonly string[];
}

function namedIf(name: string | undefined): { readonly name?: string } {
  return name === undefined ? {} : { name };
}

/** The first export's, else the import's, by kind and index. */
function externalNames(module: Module): Record<ExternalKind, Map<number, string>> {
  const names: Record<ExternalKind, Map<number, string>> = {
    function: new Map(),
    table: new Map(),
    memory: new Map(),
    global: new Map(),
    tag: new Map(),
  };
  for (const { kind, index, name } of [...module.exports, ...module.imports]) {
    if (!names[kind].has(index)) names[kind].set(index, name);
  }
  return names;
}

function sectionsOf(module: Module): SectionEntry[] {
  const customs = new Map(module.customs.map((section) => [section.offset, section]));
  return module.sections.map(({ id, offset, start, end }) => {
    const custom = customs.get(offset);
    return {
      name: custom?.name ?? SECTIONS[id]?.name ?? String(id),
      custom: custom !== undefined,
      offset,
      size: end - start,
    };
  });
}

/**
 * Gathers what a module contains.
 *
 * @throws {ModuleInvalidError} where an instruction cannot be decoded
 */
export function inspectModule(
  module: Module,
  about: Verdict & Pick<Inspection, "form">,
): Inspection {
  const names = readNames(module), typeOf = typeReader(module);
  const outerNames = externalNames(module);
  const items = (kind: ExternalKind, count: number): ItemEntry[] =>
    Array.from({ length: count }, (_, index) => {
      const body = kind === "function" ? module.bodies[index - module.imported.function] : undefined;
      return {
        index,
        imported: index < module.imported[kind],
        ...namedIf(names.of(kind, index) ?? outerNames[kind].get(index)),
        type: typeOf(kind, index),
        ...(body === undefined ? {} : { size: body.end - body.start }),
      };
    });
  const data = module.data.map((segment, index): SegmentEntry => ({
    kind: "data",
    index,
    mode: segment.mode,
    ...namedIf(names.of("data", index)),
    ...(segment.mode === "active" ? { target: segment.memory } : {}),
    size: segment.end - segment.start,
  }));
  const elements = module.elements.map((segment, index): SegmentEntry => ({
    kind: "element",
    index,
    mode: segment.mode,
    ...namedIf(names.of("element", index)),
    ...(segment.mode === "active" ? { target: segment.table } : {}),
    size: (segment.functions ?? segment.expressions ?? []).length,
    type: formatType(segment.type),
  }));
  return {
    form: about.form,
    size: module.bytes.length,
    invalid: about.invalid,
    moduleName: names.module,
    exports: module.exports.map(({ name, kind, index }) => ({ name, index, type: typeOf(kind, index) })),
    imports: module.imports.map(({ module: from, name, kind, index }) => ({
      from,
      name,
      index,
      type: typeOf(kind, index),
    })),
    functions: items("function", module.functions.length),
    memories: items("memory", module.memories.length),
    tables: items("table", module.tables.length),
    globals: items("global", module.globals.length),
    tags: items("tag", module.tags.length),
    start: module.start?.index,
    segments: [...data, ...elements],
    sections: sectionsOf(module),
    producers: readProducers(module),
    targetFeatures: readTargetFeatures(module),
    features: moduleFeatures(module),
    needs: needsOf(module),
    needsWasi: module.imports.some((item) => isWasiModule(item.module)),
    refusals: about.refusals,
    notes: names.notes,
  };
}
