/** Flags that say what is shown of a module. */
import type { FlagRow } from "./flag_row.ts";
import { FORMATS } from "./setting_flags.ts";

/** What a scan is printed as, beside these: SARIF is what code scanners read. */
const SCAN_FORMATS = [...FORMATS, "sarif"] as const;

/** Forms in which a graph is written. */
const GRAPH_FORMATS = ["text", "dot", "svg"] as const;

/** One of {@linkcode GRAPH_FORMATS}. */
export type GraphFormat = typeof GRAPH_FORMATS[number];

export const MODULE_FLAGS = {
  strict: { long: "strict", kind: "switch", doc: "Fail on warnings too" },
  all: { long: "all", kind: "switch", doc: "Show everything" },
  exports: { long: "exports", kind: "switch", doc: "Show what the module offers" },
  imports: { long: "imports", kind: "switch", doc: "Show what the module needs" },
  memory: { long: "memory", kind: "switch", doc: "Show memories" },
  tables: { long: "tables", kind: "switch", doc: "Show tables" },
  globals: { long: "globals", kind: "switch", doc: "Show globals" },
  tags: { long: "tags", kind: "switch", doc: "Show exception tags" },
  segments: { long: "segments", kind: "switch", doc: "Show data and element segments" },
  sections: { long: "sections", kind: "switch", doc: "Show sections with their sizes, custom ones included" },
  producers: { long: "producers", kind: "switch", doc: "Show the tools that made the module" },
  features: { long: "features", kind: "switch", doc: "Show the proposals that the module uses" },
  names: { long: "names", kind: "switch", doc: "Show functions with their names" },
  needs: { long: "needs", kind: "switch", doc: "Show the capabilities that the module asks for" },
  section: { long: "section", kind: "text", metavar: "NAME", doc: "Only this section: code, data, name" },
  range: {
    long: "range",
    kind: "text",
    metavar: "FROM:TO",
    doc: "Only these bytes: 0x10:0x40, 16:64, 0x10:",
  },
  minLength: {
    long: "min-length",
    short: "n",
    kind: "number",
    metavar: "NUMBER",
    doc: "Least characters of a text (default: 4)",
  },
  scanFormat: {
    long: "format",
    short: "f",
    kind: "choice",
    choices: SCAN_FORMATS,
    metavar: "FORMAT",
    doc: `Form of the output: ${SCAN_FORMATS.join(", ")} (default: human)`,
  },
  suggestPolicy: {
    long: "suggest-policy",
    kind: "switch",
    doc: "Print the smallest manifest for it instead, by what reaches its imports",
  },
  json: { long: "json", kind: "switch", doc: "The same as --format json" },
  graphFormat: {
    long: "format",
    short: "f",
    kind: "choice",
    choices: GRAPH_FORMATS,
    metavar: "FORMAT",
    doc: `Form of the graph: ${GRAPH_FORMATS.join(", ")} (default: text)`,
  },
} as const satisfies Record<string, FlagRow>;

/** Parts of an inspection, by the flags that ask for them, in the order in which they are printed. */
export const INSPECT_PARTS = [
  "exports",
  "imports",
  "memory",
  "tables",
  "globals",
  "tags",
  "segments",
  "sections",
  "producers",
  "features",
  "names",
  "needs",
] as const satisfies readonly (keyof typeof MODULE_FLAGS)[];

/** One of {@linkcode INSPECT_PARTS}. */
export type InspectPart = typeof INSPECT_PARTS[number];
