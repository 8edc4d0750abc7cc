/** What a module says of itself in the sections `aegis:signatures`: how its functions are meant. */
import {
  parseImportSignatures,
  parseSignatures,
  type Signature,
  SIGNATURES_SECTION,
} from "../core/signature.ts";
import type { Module } from "./module.ts";

/** Signatures as the module states them; whether they fit the functions of those names is not looked at. */
export interface StatedSignatures {
  readonly exports: ReadonlyMap<string, Signature>;
  /** By `importKey`. */
  readonly imports: ReadonlyMap<string, Signature>;
}

/** Reads all sections of that name as one text; what is no UTF-8 spoils the line that it stands in alone. */
export function readSignatures(module: Module): StatedSignatures {
  const decoder = new TextDecoder();
  const text = module.customs
    .filter((section) => section.name === SIGNATURES_SECTION)
    .map(({ start, end }) => decoder.decode(module.bytes.subarray(start, end)))
    .join("\n");
  return { exports: parseSignatures(text), imports: parseImportSignatures(text) };
}
