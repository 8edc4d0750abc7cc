/** The table `[build]` of a manifest: what is built, from what, to what. Paths stay in the manifest's folder. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { SIGNATURES_SECTION } from "../core/signature.ts";
import { suggest } from "../core/suggestion.ts";
import { LANGUAGE_NAMES, type LanguageName } from "./languages.ts";
import { BUILD_SECTIONS, isSectionName, type SectionName } from "./module_sections.ts";
import { OUTPUT_TYPES, type OutputType } from "./output_type.ts";
import { isObject } from "./plain_object.ts";

/** What the table says. Paths are as they stand there, from the manifest's folder. */
export interface BuildTable {
  readonly lang?: LanguageName;
  readonly source?: readonly string[];
  readonly out?: string;
  readonly type?: OutputType;
  readonly optimise?: boolean;
  /** Lines of the section of signatures. */
  readonly signatures?: readonly string[];
  /** Files with the text of sections. */
  readonly sections?: ReadonlyMap<SectionName, string>;
}

/** How a key's value is read. */
type Reader = (value: unknown, refuse: (allowed: string) => AegisError) => unknown;

const texts: Reader = (value, refuse) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.some((item) => typeof item !== "string" || item === "")) {
    throw refuse("it must be text, or a list of texts");
  }
  return list;
};

function oneOf(choices: readonly string[]): Reader {
  return (value, refuse) => {
    if (typeof value === "string" && choices.includes(value)) return value;
    throw refuse(`use one of ${choices.join(", ")}`);
  };
}

/** Whether a path leads to something below the folder that it starts from, as far as its words tell. */
export function staysInside(path: string): boolean {
  return !/^(?:[\\/]|[A-Za-z]:)/.test(path) && !path.split(/[\\/]/).includes("..") && !path.includes("\0");
}

const inside = (value: unknown, refuse: (allowed: string) => AegisError): string => {
  if (typeof value !== "string" || value === "") throw refuse("it must be a path");
  if (!staysInside(value)) throw refuse("it must be a path in the manifest's folder");
  return value;
};

const READERS: Readonly<Record<keyof BuildTable, Reader>> = {
  lang: oneOf(LANGUAGE_NAMES),
  source: (value, refuse) => (texts(value, refuse) as string[]).map((path) => inside(path, refuse)), // which it made sure of
  out: inside,
  type: oneOf(OUTPUT_TYPES),
  optimise: (value, refuse) => {
    if (typeof value !== "boolean") throw refuse("use true or false");
    return value;
  },
  signatures: texts,
  sections: (value, refuse) => {
    if (!isObject(value)) throw refuse("it must be a table of files");
    return new Map(
      Object.entries(value).map(([name, path]) => {
        if (!isSectionName(name)) throw refuse(`sections are ${Object.keys(BUILD_SECTIONS).join(", ")}`);
        return [name, inside(path, refuse)];
      }),
    );
  },
};

/** The keys that the table may have. */
export const BUILD_KEYS = Object.keys(READERS) as readonly (keyof BuildTable)[]; // a literal's keys are those of its type

/**
 * Reads the table.
 *
 * @param shown the manifest's name, for messages
 * @throws {AegisError} `InvalidOption` for an unknown key, or a value of the wrong form
 */
export function readBuildTable(table: unknown, shown: string): BuildTable {
  const refuse = (reason: string, suggestion?: string) =>
    new AegisError(
      "InvalidOption",
      `Cannot use [build] of ${quote(shown)}: ${reason}`,
      suggestion === undefined ? {} : { suggestion },
    );
  if (!isObject(table)) throw refuse("it must be a table");
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(table)) {
    if (!Object.hasOwn(READERS, key)) {
      const near = suggest(key, BUILD_KEYS);
      throw refuse(
        `unknown key ${quote(key)}`,
        near.length > 0
          ? `Did you mean ${near.map(quote).join(" or ")}?`
          : `Known keys: ${BUILD_KEYS.join(", ")}.`,
      );
    }
    const shownValue = typeof value === "string" ? ` ${quote(value)}` : "";
    read[key] = READERS[key as keyof BuildTable](
      value,
      (allowed) => refuse(`${quote(key)}${shownValue}: ${allowed}`),
    );
  }
  const result = read as BuildTable; // each by its reader
  if (result.signatures !== undefined && result.sections?.has(SIGNATURES_SECTION)) {
    throw refuse(`both "signatures" and the section ${quote(SIGNATURES_SECTION)} are there: use one`);
  }
  return result;
}
