/** Commands for manifests. */
import type { CommandRow } from "./command_row.ts";

const MANIFEST = {
  metavar: "FILE",
  doc: "An aegis.toml or a JSON file (default: aegis.toml)",
  optional: true,
} as const;

export const CONFIG_ROWS = {
  "config check": {
    summary: "Say everything that is wrong with a manifest",
    operand: MANIFEST,
    flags: ["config", "format", "quiet", "help"],
    statuses: [["65", "the manifest has mistakes"]],
    notes: [
      "Files that it includes are read, too. Modules are not, and paths need not be there yet.",
      "JSON has {file, valid, mistakes: [{message, file, line, field, suggestion}]}.",
    ],
    examples: [
      { line: "aegis config check aegis.toml", doc: "Every mistake, with its file and line" },
      { line: "aegis config check aegis.toml --format json", doc: "For programs" },
    ],
  },
  "config explain": {
    summary: "Say what holds for the modules of a manifest, and why",
    operand: MANIFEST,
    second: { metavar: "NAME", doc: "A module of it (default: all of them, and the top of the file)" },
    flags: ["all", "config", "format", "quiet", "help"],
    flagDocs: { all: "Show keys that are not given, too, with what holds without them" },
    notes: [
      "For each key: its value, the file and line that set it, what it means, and the flag of run that",
      "means the same. Then what the guest may reach, in words.",
    ],
    examples: [
      { line: "aegis config explain aegis.toml", doc: "The top of the file, and every module" },
      { line: "aegis config explain aegis.toml greeter", doc: "One module" },
    ],
  },
  "config schema": {
    summary: "Print the JSON Schema of manifests",
    flags: ["help"],
    examples: [{ line: "aegis config schema", doc: "For an editor" }],
  },
} as const satisfies Record<string, CommandRow>;
