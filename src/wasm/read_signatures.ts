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

/** Bytes of the sections that are looked at: what they say is kept with the module. */
const LONGEST_SIGNATURES = 1024 * 1024;

/**
 * Reads all sections of that name as one text, up to 1 MiB; what is no UTF-8 spoils the line that it stands in alone.
 */
export function readSignatures(module: Module): StatedSignatures {
  const decoder = new TextDecoder(), texts: string[] = [];
  let left = LONGEST_SIGNATURES;
  for (const { name, start, end } of module.customs) {
    if (name !== SIGNATURES_SECTION) continue;
    const size = Math.min(end - start, left);
    texts.push(decoder.decode(module.bytes.subarray(start, start + size)));
    left -= size;
  }
  const text = texts.join("\n");
  return { exports: parseSignatures(text), imports: parseImportSignatures(text) };
}
