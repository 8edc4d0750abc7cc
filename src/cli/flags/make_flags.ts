/** Flags that say what is made, of what, and where. */
import { LANGUAGE_NAMES } from "../../toolchain/languages.ts";
import type { FlagRow } from "./flag_row.ts";

/** What may be done where a tool is started. */
const CWD_RIGHTS = ["read", "write"] as const;

export const MAKE_FLAGS = {
  out: { long: "out", kind: "text", metavar: "DIR", doc: "Where to write (default: here)" },
  name: { long: "name", kind: "text", metavar: "NAME", doc: "Name of the files (default: the module's)" },
  import: {
    long: "import",
    kind: "text",
    metavar: "SPECIFIER",
    doc: "Where the types import the library from (default: jsr:@aegis/core)",
  },
  output: {
    long: "output",
    short: "o",
    kind: "text",
    metavar: "FILE",
    doc: "Where to write (default: the module's name, here)",
  },
  root: {
    long: "root",
    kind: "text",
    metavar: "DIR",
    doc: "Where tools lie: bin/NAME, lib/aegis/NAME (default: ~/.local)",
  },
  allowCwd: {
    long: "allow-cwd",
    kind: "choice",
    choices: CWD_RIGHTS,
    alone: "read",
    metavar: "RIGHTS",
    doc: "Give it the directory of each start: read, write (default: read)",
  },
  lang: {
    long: "lang",
    kind: "choice",
    choices: LANGUAGE_NAMES,
    metavar: "LANG",
    doc: `Language: ${LANGUAGE_NAMES.join(", ")}`,
  },
  release: { long: "release", kind: "switch", doc: "Optimise (default, unless the manifest says otherwise)" },
  debug: { long: "debug", kind: "switch", doc: "Do not optimise, and keep what debuggers read" },
  timeLimit: {
    long: "time-limit",
    kind: "time",
    metavar: "TIME",
    doc: "Most wall time of the compiler, in seconds or as 2m (default: 2m)",
  },
  compilerMemory: {
    long: "compiler-memory",
    kind: "size",
    metavar: "SIZE",
    doc: "Most memory of each of the compiler's processes (default: 4GiB)",
  },
  force: { long: "force", kind: "switch", doc: "Replace files, whoever wrote them" },
} as const satisfies Record<string, FlagRow>;
