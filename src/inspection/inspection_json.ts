/** An inspection for programs: everything, whatever parts were asked for. */
import type { AegisError } from "../core/errors.ts";
import { type Json, jsonNumber } from "../core/json.ts";
import type { ExternalType } from "../wasm/external_type.ts";
import type { ExternalEntry, Inspection, ItemEntry } from "./inspection.ts";

function typeJson(type: ExternalType): { readonly [key: string]: Json } {
  if (type.kind !== "memory" && type.kind !== "table") return { ...type };
  const { min, max, ...rest } = type;
  return { ...rest, min: jsonNumber(min), ...(max === undefined ? {} : { max: jsonNumber(max) }) };
}

function externalJson({ from, name, type }: ExternalEntry): Json {
  return { ...(from === undefined ? {} : { module: from }), name, ...typeJson(type) };
}

function itemJson({ type, ...facts }: ItemEntry): Json {
  return { ...facts, ...typeJson(type) };
}

/** What the readers of the document decide. */
export interface InspectionJsonOptions {
  /** The module as the person named it. */
  readonly shown: string;
  /** How an error looks: advice in terms of flags helps whoever has a command line alone. */
  readonly failureJson: (error: AegisError) => Json;
}

/** The document; sizes in bytes, or in pages and elements for memories and tables. */
export function inspectionJson(inspection: Inspection, { shown, failureJson }: InspectionJsonOptions): Json {
  return {
    module: shown,
    format: inspection.form,
    size: inspection.size,
    valid: inspection.invalid === undefined,
    ...(inspection.invalid === undefined ? {} : { error: failureJson(inspection.invalid) }),
    name: inspection.moduleName ?? null,
    exports: inspection.exports.map(externalJson),
    imports: inspection.imports.map(externalJson),
    functions: inspection.functions.map(itemJson),
    memories: inspection.memories.map(itemJson),
    tables: inspection.tables.map(itemJson),
    globals: inspection.globals.map(itemJson),
    tags: inspection.tags.map(itemJson),
    start: inspection.start ?? null,
    segments: inspection.segments.map((segment) => ({ ...segment })),
    sections: inspection.sections.map((section) => ({ ...section })),
    producers: inspection.producers.map((producer) => ({ ...producer })),
    target_features: inspection.targetFeatures.map((feature) => ({ ...feature })),
    features: inspection.features,
    needs: inspection.needs.map((need) => ({ ...need })),
    needs_wasi: inspection.needsWasi,
    refusals: inspection.refusals.map(failureJson),
    notes: inspection.notes,
  };
}
