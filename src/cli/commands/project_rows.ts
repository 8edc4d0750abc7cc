/** Commands that begin a project, and build it. */
import { TEMPLATE_KINDS } from "../../toolchain/template_kinds.ts";
import type { CommandRow } from "./command_row.ts";

/** A project that is to be made: what is said of all kinds. */
const NEW = {
  operand: { metavar: "NAME", doc: "Its name: small letters, digits, hyphens" },
  flags: ["lang", "out", "quiet", "help"],
  flagDocs: { out: "Where to make its folder (default: here)" },
} as const;

export const PROJECT_ROWS = {
  build: {
    summary: "Build a module from source",
    operand: {
      metavar: "PATH",
      doc: "A source, or a folder with aegis.toml (default: here)",
      optional: true,
    },
    flags: [
      "output",
      "lang",
      "release",
      "debug",
      "timeLimit",
      "compilerMemory",
      "config",
      "format",
      "quiet",
      "help",
    ],
    flagDocs: {
      output: "The module's file (default: the source's name with .wasm)",
      config: "The manifest with the table [build] (default: aegis.toml there)",
    },
    statuses: [["65", "the source is invalid"], ["124", "the compiler took too long"]],
    notes: [
      "WebAssembly text needs nothing, AssemblyScript's compiler is fetched once. C, Rust, Go and Zig take",
      "the compilers of this machine; where one is missing, it is said how to get it.",
      "Compilers run as you, with your files, but for AssemblyScript's: build what you would run.",
    ],
    examples: [
      { line: "aegis build", doc: "What aegis.toml says" },
      { line: "aegis build greet.c -o greet.wasm", doc: "One source" },
    ],
  },
  "new http": {
    summary: TEMPLATE_KINDS.http.summary,
    ...NEW,
    examples: [{ line: "aegis new http hello --lang rust", doc: "In ./hello" }],
  },
  "new mcp": {
    summary: TEMPLATE_KINDS.mcp.summary,
    ...NEW,
    examples: [{ line: "aegis new mcp tools --lang go", doc: "In ./tools" }],
  },
  "new command": {
    summary: TEMPLATE_KINDS.command.summary,
    ...NEW,
    examples: [{ line: "aegis new command greet --lang c", doc: "In ./greet" }],
  },
  "new plugin": {
    summary: TEMPLATE_KINDS.plugin.summary,
    ...NEW,
    examples: [{ line: "aegis new plugin greeter --out plugins", doc: "In plugins/greeter" }],
  },
} as const satisfies Record<string, CommandRow>;
