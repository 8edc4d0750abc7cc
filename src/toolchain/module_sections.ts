/** Custom sections that a build adds to a module: what it says of itself, in any language. */
import { AegisError } from "../core/errors.ts";
import { isObject } from "./plain_object.ts";
import { parserReason } from "../core/parser_reason.ts";
import { quote } from "../core/quote.ts";
import { fitsType, parseImportSignatures, parseSignatures, SIGNATURES_SECTION } from "../core/signature.ts";
import type { FuncType } from "../core/value.ts";
import { describeExports } from "../wasm/external_type.ts";
import { ByteWriter } from "../wasm/encoder.ts";
import type { Module } from "../wasm/module.ts";

/** What is said in a section, as text. */
export type SectionForm = "signatures" | "json";

/** The sections that a build writes. */
export const BUILD_SECTIONS = {
  [SIGNATURES_SECTION]: "signatures",
  "aegis:mcp": "json",
  "aegis:plugin": "json",
} as const satisfies Record<string, SectionForm>;

/** A key of {@linkcode BUILD_SECTIONS}. */
export type SectionName = keyof typeof BUILD_SECTIONS;

/** Bytes of a section at most: what is beyond is not read by those that read it. */
export const LARGEST_SECTION: number = 1024 * 1024;

/** A section to add. */
export interface AddedSection {
  readonly name: SectionName;
  readonly text: string;
  /** Where the text comes from, for messages. */
  readonly origin: string;
}

/** Whether a build writes sections of that name. */
export function isSectionName(name: string): name is SectionName {
  return Object.hasOwn(BUILD_SECTIONS, name);
}

function refuse({ name, origin }: AddedSection, reason: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot write section ${quote(name)} from ${quote(origin)}: ${reason}`,
  );
}

/** Whether functions are there as the lines say: a hint that nobody can follow is a mistake of whoever builds. */
function checkSignatures(section: AddedSection, module: Module): void {
  const types = new Map(describeExports(module).map(({ name, type }) => [name, type]));
  for (const line of section.text.split(/[\n\0]+/).map((line) => line.trim())) {
    if (line === "" || parseImportSignatures(line).size > 0) continue;
    const [name, signature] = [...parseSignatures(line)][0] ?? [];
    if (name === undefined || signature === undefined) {
      throw refuse(section, `${quote(line)} is no signature; one is greet(string) -> string`);
    }
    const type = types.get(name);
    if (type?.kind !== "function") throw refuse(section, `the module exports no function ${quote(name)}`);
    const { params, results } = type;
    if (!fitsType(signature, { params, results } as FuncType)) { // of other types no kind has the name
      const found = `(${params.join(", ")}) -> (${results.join(", ")})`;
      throw refuse(section, `${quote(line)} does not fit its type in WebAssembly, ${found}`);
    }
  }
}

function checkJson(section: AddedSection): void {
  let value: unknown;
  try {
    value = JSON.parse(section.text);
  } catch (error) {
    throw refuse(section, `it is no JSON: ${parserReason(error)}`);
  }
  if (!isObject(value)) throw refuse(section, "it has to be a JSON object");
}

const CHECKS: Readonly<Record<SectionForm, (section: AddedSection, module: Module) => void>> = {
  signatures: checkSignatures,
  json: checkJson,
};

/**
 * The module with these sections at its end, in place of sections of the same names that it had.
 *
 * @throws {AegisError} `InvalidOption` for a text that is none of its kind, or too long
 */
export function withSections(
  module: Module,
  sections: readonly AddedSection[],
): Uint8Array<ArrayBuffer> {
  for (const section of sections) {
    if (new TextEncoder().encode(section.text).length > LARGEST_SECTION) {
      throw refuse(section, "it is larger than 1MiB");
    }
    CHECKS[BUILD_SECTIONS[section.name]](section, module);
  }
  const replaced = module.customs.filter(({ name }) => sections.some((section) => section.name === name));
  const writer = new ByteWriter(module.bytes.length + 1024);
  let from = 0;
  for (const { offset, end } of replaced) {
    writer.copy(module.bytes, from, offset);
    from = end;
  }
  writer.copy(module.bytes, from, module.bytes.length);
  for (const { name, text } of sections) {
    writer.section(0, () => {
      writer.name(name);
      writer.bytes(new TextEncoder().encode(text));
    });
  }
  return writer.written().slice();
}
