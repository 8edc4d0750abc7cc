/**
 * Types of functions as embedders write them: beside numbers with text, bytes and structured values, which lie in the
 * guest's memory. In WebAssembly such a parameter is two i32, the address and the length in bytes; such a result,
 * which then is the only one, an i64 with the address in its upper and the length in its lower half.
 */
import { type FuncType, VALUE_KINDS, type ValueKind } from "./value.ts";

/**
 * Kinds whose values lie in memory.
 *
 *     string   text, as UTF-8
 *     bytes    as they are
 *     json     any value that JSON can say, as its text in UTF-8
 *     msgpack  any value that MessagePack can say
 */
export const CONTENT_KINDS = ["string", "bytes", "json", "msgpack"] as const;

/** One of `string`, `bytes`, `json`, `msgpack`. */
export type ContentKind = typeof CONTENT_KINDS[number];

/** A type of a parameter or of a result, as embedders write it. */
export type Kind = ValueKind | ContentKind;

/** Every {@linkcode Kind}. */
export const KINDS: readonly Kind[] = [...VALUE_KINDS, ...CONTENT_KINDS];

/** The type of a function in terms of {@linkcode Kind}. */
export interface Signature {
  readonly params: readonly Kind[];
  /** One that lies in memory stands alone. */
  readonly results: readonly Kind[];
}

/** The custom section in which a module says how its exports are meant; see {@linkcode parseSignatures}. */
export const SIGNATURES_SECTION = "aegis:signatures";

/** Whether values of a kind lie in memory. */
export function isContentKind(kind: string): kind is ContentKind {
  return (CONTENT_KINDS as readonly string[]).includes(kind);
}

/** What is wrong with a signature, if anything is. */
export function signatureProblem({ params, results }: Signature): string | undefined {
  const unknown = [...params, ...results].find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) return `type ${JSON.stringify(unknown)}: use ${KINDS.join(", ")}`;
  return results.length > 1 && results.some(isContentKind)
    ? `results (${results.join(", ")}): one that lies in memory stands alone`
    : undefined;
}

/** The type that such a function has in WebAssembly. */
export function loweredType({ params, results }: Signature): FuncType {
  return {
    params: params.flatMap((kind) => isContentKind(kind) ? ["i32", "i32"] : [kind]),
    results: results.map((kind) => isContentKind(kind) ? "i64" : kind),
  };
}

/** As a line of the section has it: `greet(string) -> string`. */
export function formatSignature(name: string, { params, results }: Signature): string {
  const end = results.length === 0 ? "" : ` -> ${results.join(", ")}`;
  return `${name}(${params.join(", ")})${end}`;
}

const LINE = /^([^()\s]+) *\(([^()]*)\) *(?:-> *(.*))?$/;

/**
 * Reads what a module says of its exports: a line for each, as {@linkcode formatSignature} writes it. Empty lines and
 * NULs are skipped, since linkers join sections and compilers end texts. The section is a hint by whoever made the
 * module: a line that is none, and a second one for the same name, count for nothing.
 *
 * @returns signatures by the name of the export
 */
export function parseSignatures(text: string): ReadonlyMap<string, Signature> {
  const found = new Map<string, Signature>();
  for (const line of text.split(/[\n\0]+/)) {
    const [, name, params = "", results = ""] = LINE.exec(line.trim()) ?? [];
    if (name === undefined || found.has(name)) continue;
    const signature = { params: kindsOf(params), results: kindsOf(results) };
    if (signatureProblem(signature) === undefined) found.set(name, signature);
  }
  return found;
}

/** Words between commas; `as`: whoever asks checks them. */
function kindsOf(text: string): Kind[] {
  return text.trim() === "" ? [] : text.split(",").map((word) => word.trim() as Kind);
}
