/**
 * What a plugin says of itself: in its section `aegis:plugin`, or in a file beside it. All of it is the word of whoever made
 * the module: what it provides is checked against the module, what it needs is shown to people and granted by nobody here.
 */
import { AegisError } from "../../core/errors.ts";
import { formatLimit, type LimitName, type LimitOptions, resolveLimits } from "../../core/limits.ts";
import { parserReason } from "../../core/parser_reason.ts";
import { quote } from "../../core/quote.ts";
import { formatSignature, parseSignatures, type Signature } from "../../core/signature.ts";
import { suggest } from "../../core/suggestion.ts";
import { DEEPEST_MANIFEST, isDeepJson, tooMuch } from "./manifest_size.ts";
import type { JsonSchema } from "./schema_compatibility.ts";
import { parseRange, parseVersion } from "./semver.ts";

/** The custom section of a plugin's manifest. */
export const PLUGIN_SECTION = "aegis:plugin";

/** Bytes of a manifest, and of a section that holds one. */
export const LARGEST_MANIFEST: number = 1024 * 1024;

/** Schemas of what a function takes and gives, where that is structured. */
export interface FunctionSchemas {
  /** What its first argument is like. */
  readonly input?: JsonSchema;
  /** What its result is like. */
  readonly output?: JsonSchema;
}

/** What a plugin would like to have; shown, and never granted by itself. */
export interface PluginNeeds {
  /** Limits, by their names, as texts: `{ memoryLimit: "32MiB" }`. */
  readonly limits: Readonly<Partial<Record<LimitName, string>>>;
  /** In words of its maker: `network: api.example.com`. */
  readonly capabilities: readonly string[];
}

/** A manifest after it was read: every part is there. */
export interface PluginManifest {
  /** A letter, then letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Three numbers, see https://semver.org. */
  readonly version: string;
  /** Empty where it has none. */
  readonly description: string;
  /** Ranges of versions, by the names of plugins. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** What may be called, `(string) -> string`, by names of functions. */
  readonly provides: Readonly<Record<string, string>>;
  /** The function that says whether it is well; `null` where there is none. */
  readonly health: string | null;
  /** What it would like to have. */
  readonly needs: PluginNeeds;
  /** For those who search. */
  readonly keywords: readonly string[];
  /** By names of functions. */
  readonly schemas: Readonly<Record<string, FunctionSchemas>>;
}

const KEYS = [
  "name",
  "version",
  "description",
  "dependencies",
  "provides",
  "health",
  "needs",
  "keywords",
  "schemas",
] as const satisfies readonly (keyof PluginManifest)[];

/** Names of plugins: they become names of files and words of messages. */
const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

const LONGEST_TEXT = 1000,
  LONGEST_WORD = 100,
  MOST_WORDS = 50,
  MOST_DEPENDENCIES = 100,
  MOST_FUNCTIONS = 1000;

/** Reads parts of one manifest; every message names it. */
class ManifestReader {
  constructor(readonly place: string) {}

  refuse(reason: string, suggestion?: string): AegisError {
    return new AegisError(
      "InvalidOption",
      `Cannot read the manifest ${this.place}: ${reason}`,
      suggestion === undefined ? {} : { suggestion },
    );
  }

  table(value: unknown, what: string, most: number): [string, unknown][] {
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.refuse(`${what} must be a table`);
    }
    const entries = Object.entries(value);
    if (entries.length > most) throw this.refuse(`${what} has ${entries.length} entries of at most ${most}`);
    return entries;
  }

  text(value: unknown, what: string, longest: number): string {
    if (typeof value === "string" && value.length <= longest) return value;
    throw this.refuse(`${what} must be a text of at most ${longest} characters`);
  }

  words(value: unknown, what: string): readonly string[] {
    if (value === undefined) return [];
    if (!Array.isArray(value) || value.length > MOST_WORDS) {
      throw this.refuse(`${what} must be a list of at most ${MOST_WORDS}`);
    }
    return value.map((word: unknown) => this.text(word, `${what}: each of them`, LONGEST_WORD));
  }

  known(key: string, names: readonly string[], what: string): void {
    if (names.includes(key)) return;
    const near = suggest(key, names).map(quote).join(" or ");
    throw this.refuse(
      `unknown key ${quote(what + key)}`,
      near === "" ? `Known keys: ${names.join(", ")}.` : `Did you mean ${near}?`,
    );
  }

  /** Runs a reader of its own, whose message becomes a part of ours. */
  within<Read>(read: () => Read): Read {
    try {
      return read();
    } catch (error) {
      throw error instanceof AegisError ? this.refuse(error.message, error.suggestion) : error;
    }
  }

  name(value: unknown, what: string): string {
    const name = this.text(value, what, LONGEST_WORD);
    if (NAME.test(name)) return name;
    throw this.refuse(
      `${what} is ${quote(name)}: use a letter, then letters, digits, ".", "_" and "-", at most 64`,
    );
  }

  needs(value: unknown): PluginNeeds {
    const limits: Partial<Record<LimitName, string>> = {};
    let capabilities: readonly string[] = [];
    for (const [key, given] of this.table(value, "needs", 2)) {
      this.known(key, ["limits", "capabilities"], "needs.");
      if (key === "capabilities") capabilities = this.words(given, "needs.capabilities");
      else this.#limits(given, limits);
    }
    return { limits, capabilities };
  }

  #limits(value: unknown, limits: Partial<Record<LimitName, string>>): void {
    for (const [key, given] of this.table(value, "needs.limits", MOST_WORDS)) {
      // Names as in a configuration, or as in the library.
      const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const options = { [name]: given } as LimitOptions; // which the next line checks
      const read = this.within(() => resolveLimits(options));
      limits[name as LimitName] = formatLimit(name as LimitName, read[name as LimitName]); // it was known one line above
    }
  }
}

/** The signature of a function, as a manifest has it. @throws {AegisError} `InvalidOption` */
export function readSignature(name: string, text: string): Signature {
  const signature = parseSignatures(`${name}${text}`).get(name);
  if (signature !== undefined && !/[\n\0]/.test(text)) return signature;
  throw new AegisError("InvalidOption", `Cannot read the type of ${quote(name)}: ${quote(text)}`, {
    suggestion: 'Write it as "(string, i32) -> json".',
  });
}

/** A type as a manifest has it. */
export function signatureText(signature: Signature): string {
  return formatSignature("", signature);
}

/**
 * Reads a manifest and checks every field.
 *
 * @param value what JSON or TOML gave @param place where it stands, for messages: `of "greet.wasm"`
 * @throws {AegisError} `InvalidOption`
 */
export function readPluginManifest(value: unknown, place: string): PluginManifest {
  const reader = new ManifestReader(place), much = tooMuch(value);
  if (much !== undefined) throw reader.refuse(much);
  const given = new Map(reader.table(value, "it", MOST_WORDS));
  for (const key of given.keys()) reader.known(key, KEYS, "");
  const version = reader.text(given.get("version"), "version", LONGEST_WORD);
  reader.within(() => parseVersion(version));
  const dependencies = reader.table(given.get("dependencies"), "dependencies", MOST_DEPENDENCIES)
    .map(([name, range]) => {
      const text = reader.text(range, `dependencies.${name}`, LONGEST_WORD);
      reader.within(() => parseRange(text));
      return [reader.name(name, "a dependency"), text] as const;
    });
  const provides = reader.table(given.get("provides"), "provides", MOST_FUNCTIONS).map(([name, type]) => {
    const signature = reader.within(() =>
      readSignature(name, reader.text(type, `provides.${name}`, LONGEST_TEXT))
    );
    return [name, signatureText(signature)] as const;
  });
  const health = given.get("health");
  const name = reader.name(given.get("name"), "name");
  if (dependencies.some(([other]) => other === name)) throw reader.refuse("it depends on itself");
  return Object.freeze({
    name,
    version,
    description: reader.text(given.get("description") ?? "", "description", LONGEST_TEXT),
    dependencies: Object.fromEntries(dependencies),
    provides: Object.fromEntries(provides),
    health: health === undefined || health === null ? null : reader.text(health, "health", LONGEST_WORD),
    needs: reader.needs(given.get("needs")),
    keywords: reader.words(given.get("keywords"), "keywords"),
    schemas: Object.fromEntries(
      reader.table(given.get("schemas"), "schemas", MOST_FUNCTIONS)
        .map(([of, schemas]) => [of, readSchemas(reader, of, schemas)]),
    ),
  });
}

function readSchemas(reader: ManifestReader, of: string, value: unknown): FunctionSchemas {
  const schemas: { input?: JsonSchema; output?: JsonSchema } = {};
  for (const [key, schema] of reader.table(value, `schemas.${of}`, 2)) {
    reader.known(key, ["input", "output"], `schemas.${of}.`);
    if (
      typeof schema !== "boolean" && (typeof schema !== "object" || schema === null || Array.isArray(schema))
    ) {
      throw reader.refuse(`schemas.${of}.${key} must be a JSON Schema`);
    }
    schemas[key === "input" ? "input" : "output"] = schema as JsonSchema; // an object, whose keys are read when it is compared
  }
  return schemas;
}

/** Reads a manifest of TOML or JSON. @throws {AegisError} `InvalidOption` */
export async function parsePluginManifest(text: string, place: string): Promise<PluginManifest> {
  const reader = new ManifestReader(place);
  if (new TextEncoder().encode(text).length > LARGEST_MANIFEST) throw reader.refuse("it is larger than 1MiB");
  const json = text.trimStart().startsWith("{");
  // Before the parser goes into its depth: what is too deep is no matter of the stack that happens to be left.
  if (json && isDeepJson(text)) throw reader.refuse(`it is more than ${DEEPEST_MANIFEST} levels deep`);
  let value: unknown;
  try {
    value = json ? JSON.parse(text) : (await import("smol-toml")).parse(text, { maxDepth: DEEPEST_MANIFEST });
  } catch (error) {
    throw reader.refuse(`it is not ${json ? "JSON" : "TOML"}: ${parserReason(error)}`);
  }
  return readPluginManifest(value, place);
}
