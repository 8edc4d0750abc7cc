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
  /** In their order. */
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

const LINE = /^([^()\s]+) *\(([^()]*)\) *(?:->(.*))?$/s;

/** The same of an import: its line names both of its names. */
const IMPORT_LINE = /^import +([^()\s]+) +([^()\s].*)$/;

/**
 * Reads what a module says of its exports: a line for each, as {@linkcode formatSignature} writes it. Empty lines and
 * NULs are skipped, since linkers join sections and compilers end texts. The section is a hint by whoever made the
 * module: a line that is none, and a second one for the same name, count for nothing.
 *
 * @returns signatures by the name of the export
 */
export function parseSignatures(text: string): ReadonlyMap<string, Signature> {
  const found = new Map<string, Signature>();
  for (const line of linesOf(text)) {
    const read = readLine(line);
    if (read !== undefined && !found.has(read.name)) found.set(read.name, read.signature);
  }
  return found;
}

/**
 * Reads what a module says of its imports, from the same text: `import env lookup(string) -> json`. Under the terms
 * of {@linkcode parseSignatures}, which takes no such line for one of its own.
 *
 * @returns signatures by {@linkcode importKey}
 */
export function parseImportSignatures(text: string): ReadonlyMap<string, Signature> {
  const found = new Map<string, Signature>();
  for (const line of linesOf(text)) {
    const [, module, rest = ""] = IMPORT_LINE.exec(line) ?? [], read = readLine(rest);
    if (module === undefined || read === undefined) continue;
    const key = importKey(module, read.name);
    if (!found.has(key)) found.set(key, read.signature);
  }
  return found;
}

/** Both names of an import as one; the lines of a module name none with a blank, so that no two become the same. */
export function importKey(module: string, name: string): string {
  return `${module} ${name}`;
}

function linesOf(text: string): string[] {
  return text.split(/[\n\0]+/).map((line) => line.trim());
}

function readLine(line: string): { readonly name: string; readonly signature: Signature } | undefined {
  const [, name, params = "", results = ""] = LINE.exec(line) ?? [];
  if (name === undefined) return undefined;
  const signature = { params: kindsOf(params), results: kindsOf(results) };
  return signatureProblem(signature) === undefined ? { name, signature } : undefined;
}

/** Whether a function of this WebAssembly type can be called as a signature says. */
export function fitsType(signature: Signature, type: FuncType): boolean {
  const lowered = loweredType(signature);
  return sameList(lowered.params, type.params) && sameList(lowered.results, type.results);
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Words between commas; `as`: whoever asks checks them. */
function kindsOf(text: string): Kind[] {
  return text.trim() === "" ? [] : text.split(",").map((word) => word.trim() as Kind);
}
