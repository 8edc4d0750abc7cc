/** THE table of what `aegis new` makes: kinds of projects, and what each language does for them. */
import type { LanguageName } from "./languages.ts";
import type { OutputType } from "./output_type.ts";

/** A row of {@linkcode TEMPLATE_KINDS}. */
export interface TemplateKind {
  readonly summary: string;
  /** What each language builds for it. */
  readonly types: Readonly<Record<LanguageName, OutputType>>;
  /** What a person types after `aegis build`, `NAME` standing for the name. */
  readonly next: string;
}

const LIBRARIES = {
  wat: "library",
  assemblyscript: "library",
  c: "library",
  rust: "library",
  go: "library",
  zig: "library",
} as const;

/** The kinds, in the order in which help lists them. */
export const TEMPLATE_KINDS = {
  http: {
    summary: "Make a project for a module that answers HTTP requests",
    types: { ...LIBRARIES, c: "program", go: "program" },
    next: "aegis serve --config aegis.toml",
  },
  mcp: {
    summary: "Make a project for an MCP server, whose tools are functions",
    types: LIBRARIES,
    next: "aegis mcp --config aegis.toml",
  },
  command: {
    summary: "Make a project for a command, which gets arguments and files",
    types: {
      wat: "program",
      assemblyscript: "program",
      c: "program",
      rust: "program",
      go: "program",
      zig: "program",
    },
    next: "aegis run NAME.wasm -- Ada",
  },
  plugin: {
    summary: "Make a project for a plugin, whose functions are called",
    types: LIBRARIES,
    next: "aegis run NAME.wasm --function greet -- Ada",
  },
} as const satisfies Record<string, TemplateKind>;

/** A key of {@linkcode TEMPLATE_KINDS}. */
export type TemplateKindName = keyof typeof TEMPLATE_KINDS;

/** What a project is built from: its main source, or its language's project file. */
export const TEMPLATE_SOURCES: Readonly<Record<LanguageName, string>> = {
  wat: "main.wat",
  assemblyscript: "main.ts",
  c: "main.c",
  rust: "Cargo.toml",
  go: "go.mod",
  zig: "main.zig",
};
