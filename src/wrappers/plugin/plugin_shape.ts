/** What a plugin's module exports, in terms of its signatures; read off its bytes, before anything runs. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { fitsType, type Kind, KINDS, type Signature } from "../../core/signature.ts";
import type { FuncType } from "../../core/value.ts";
import { describeExports, describeImports, type ImportDescription } from "../../wasm/external_type.ts";
import type { Module } from "../../wasm/module.ts";
import { readModule } from "../../wasm/read_module.ts";
import { readSignatures } from "../../wasm/read_signatures.ts";
import { validateModule } from "../../wasm/validate_module.ts";
import {
  LARGEST_MANIFEST,
  parsePluginManifest,
  PLUGIN_SECTION,
  type PluginManifest,
  readSignature,
  signatureText,
} from "./plugin_manifest.ts";

/** Exports by which a plugin hands its state to the version after it. */
export const SAVE = "aegis_save", RESTORE = "aegis_restore";

/** How those two are meant. */
export const STATE: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  [SAVE, { params: [], results: ["bytes"] }],
  [RESTORE, { params: ["bytes"], results: [] }],
]);

/** A plugin as its bytes show it. */
export interface PluginShape {
  /** What it says of itself. */
  readonly manifest: PluginManifest;
  /** What may be called, by name. */
  readonly provides: ReadonlyMap<string, Signature>;
  /** What it imports. */
  readonly imports: readonly ImportDescription[];
  /** Whether it can give its state. */
  readonly saves: boolean;
  /** Whether it can take one. */
  readonly restores: boolean;
}

/** Exports that nobody calls as a function of the plugin. */
function isReserved(name: string): boolean {
  return name.startsWith("_") || name.startsWith("aegis_");
}

function functionsOf(module: Module): ReadonlyMap<string, FuncType> {
  return new Map(
    describeExports(module).flatMap(({ name, type }) =>
      type.kind === "function" ? [[name, { params: type.params, results: type.results }] as const] : []
    ),
  );
}

function plainSignature({ params, results }: FuncType): Signature | undefined {
  const known = (kinds: readonly string[]): kinds is readonly Kind[] =>
    kinds.every((kind) => (KINDS as readonly string[]).includes(kind));
  return known(params) && known(results) ? { params, results } : undefined;
}

/** The manifest in a module's section; undefined where it has none. @throws {AegisError} `InvalidOption` */
async function sectionManifest(module: Module, place: string): Promise<PluginManifest | undefined> {
  const sections = module.customs.filter(({ name }) => name === PLUGIN_SECTION), [section] = sections;
  if (section === undefined) return undefined;
  const refuse = (reason: string) =>
    new AegisError("InvalidOption", `Cannot read section "${PLUGIN_SECTION}" ${place}: ${reason}`);
  if (sections.length > 1) throw refuse("there are several");
  if (section.end - section.start > LARGEST_MANIFEST) throw refuse("it is larger than 1MiB");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(
      module.bytes.subarray(section.start, section.end),
    );
  } catch {
    throw refuse("it is not UTF-8 text");
  }
  // What a tool has put behind it so that it ends somewhere.
  return await parsePluginManifest(text.replace(/\0+$/, ""), `in section "${PLUGIN_SECTION}" ${place}`);
}

/**
 * Reads a plugin off its bytes.
 *
 * @param place for messages: `of "greet.wasm"` @param beside the manifest of a file, which wins over the section
 * @throws {AegisError} `InvalidOption`; `ModuleInvalid`, `ModuleRefused` for bytes that are no module
 */
export async function readPluginShape(
  bytes: Uint8Array<ArrayBuffer>,
  place: string,
  beside?: PluginManifest,
): Promise<PluginShape> {
  const module = readModule(bytes);
  validateModule(module);
  const manifest = beside ?? await sectionManifest(module, place);
  if (manifest === undefined) {
    throw new AegisError("InvalidOption", `Cannot find the manifest ${place}`, {
      suggestion: `Give it a section "${PLUGIN_SECTION}", or put plugin.toml or plugin.json beside it.`,
    });
  }
  const functions = functionsOf(module), stated = readSignatures(module).exports;
  const refuse = (reason: string) =>
    new AegisError("InvalidOption", `Cannot use the plugin ${place}: ${reason}`);
  const provides = new Map<string, Signature>();
  for (const [name, text] of Object.entries(manifest.provides)) {
    const signature = readSignature(name, text), type = functions.get(name);
    if (isReserved(name)) throw refuse(`it cannot provide ${quote(name)}, whose name is reserved`);
    if (type === undefined) throw refuse(`it provides ${quote(name)}, and exports no such function`);
    if (!fitsType(signature, type)) {
      throw refuse(`it provides ${quote(name)} as ${text}, which its export does not fit`);
    }
    provides.set(name, signature);
  }
  if (provides.size === 0) {
    for (const [name, type] of functions) {
      const said = stated.get(name),
        signature = said !== undefined && fitsType(said, type) ? said : plainSignature(type);
      if (signature !== undefined && !isReserved(name) && name !== manifest.health) {
        provides.set(name, signature);
      }
    }
  }
  const has = (name: typeof SAVE | typeof RESTORE): boolean => {
    const type = functions.get(name), signature = STATE.get(name);
    if (type === undefined || signature === undefined) return false;
    if (!fitsType(signature, type)) throw refuse(`${quote(name)} must be ${signatureText(signature)}`);
    return true;
  };
  const imports = describeImports(module);
  const shape = { manifest, provides, imports, saves: has(SAVE), restores: has(RESTORE) };
  checkHealth(manifest.health, { functions, stated, refuse });
  return shape;
}

/** What a health function may be: it takes nothing, and gives nothing, an i32 or a text. */
const HEALTH_RESULTS = ["", "i32", "string"] as const;

function checkHealth(
  name: string | null,
  { functions, stated, refuse }: {
    readonly functions: ReadonlyMap<string, FuncType>;
    readonly stated: ReadonlyMap<string, Signature>;
    readonly refuse: (reason: string) => AegisError;
  },
): void {
  if (name === null) return;
  const type = functions.get(name), said = stated.get(name);
  if (type === undefined) throw refuse(`its health function ${quote(name)} is not exported`);
  const { params, results } = said !== undefined && fitsType(said, type) ? said : type;
  const given = results.join(", ");
  if (params.length === 0 && HEALTH_RESULTS.some((result) => result === given)) return;
  throw refuse(`its health function ${quote(name)} must take nothing, and give nothing, an i32 or a string`);
}
