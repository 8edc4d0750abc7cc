import { UNSAFE } from "../core/plain_text.ts";
import { SIGNATURES_SECTION } from "../core/signature.ts";
import { WASI_MODULES } from "../wasi/functions.ts";
import type { ImportName } from "../wasi/provided_function.ts";
import { providedNames } from "../wasi/provided_imports.ts";

/** UTF-16 units of a name that are looked at: ours are shorter. */
const LOOKED_AT = 256;

/** Letters of other scripts, and digits, that look like those of "aegis" and of the names of functions, by what they look like. */
const ALIKE: Readonly<Record<string, string>> = {
  a: "\u0430\u03b1",
  c: "\u0441",
  d: "\u0501",
  e: "\u0435",
  g: "\u0261",
  h: "\u04bb",
  i: "\u0456\u0131\u03b9",
  j: "\u0458",
  k: "\u043a",
  l: "1\u04cf",
  n: "\u0578",
  o: "0\u043e\u03bf",
  p: "\u0440\u03c1",
  q: "\u051b",
  s: "\u0455",
  u: "\u03c5",
  v: "\u0475\u03bd",
  w: "\u051d",
  x: "\u0445",
  y: "\u0443",
};

const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries(ALIKE).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const)),
);

/** A name as somebody reads it who looks at the letters alone. */
function read(name: string): string {
  const plain = name.slice(0, LOOKED_AT).normalize("NFKC").toLowerCase().replace(UNSAFE, "");
  return [...plain].map((letter) => LOOKALIKES.get(letter) ?? letter).join("").replace(/[\s._-]/g, "");
}

/** Whether Cyrillic letters stand among Latin ones in a name, and each of them looks like a Latin one. */
export function isMixed(name: string): boolean {
  const looked = name.slice(0, LOOKED_AT), cyrillic = looked.match(/\p{Script=Cyrillic}/gu);
  return cyrillic !== null && /[A-Za-z]/.test(looked) &&
    cyrillic.every((letter) => LOOKALIKES.has(letter.toLowerCase()));
}

/** Custom sections that Aegis reads. */
const OUR_SECTIONS = [SIGNATURES_SECTION, "aegis:mcp", "aegis:plugin"] as const;

/** Whether a custom section has a name of ours and is none that we read. */
export function imitatesSection(name: string): boolean {
  return read(name).startsWith("aegis") && !OUR_SECTIONS.some((own) => own === name);
}

/** Modules that hold functions of others beside ours, or that we did not name. */
const SHARED_MODULES = ["env", ...Object.keys(WASI_MODULES)] as const;

/** What an import that no run provides is taken for by its names. */
export type Imitated =
  | { readonly what: "aegis" }
  | { readonly what: "host"; readonly module: string; readonly name: string };

/** Whom an import imitates that no run provides; undefined for a name that is like none of those that are provided. */
export function imitatedBy(wanted: ImportName): Imitated | undefined {
  const module = read(wanted.module);
  if (module.startsWith("aegis")) return { what: "aegis" };
  const known = SHARED_MODULES.find((name) => read(name) === module);
  if (known === undefined) return undefined;
  const item = read(wanted.name), name = providedNames(known).find((provided) => read(provided) === item);
  return name === undefined ? undefined : { what: "host", module: known, name };
}
