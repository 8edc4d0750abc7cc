/** The tables of a manifest that are commands': `[server]`, `[run]`, `[task]` … Their keys are flags, and derive from those. */
import type { BuildTable } from "../toolchain/build_table.ts";
import { LANGUAGE_NAMES } from "../toolchain/languages.ts";
import { BUILD_SECTIONS } from "../toolchain/module_sections.ts";
import { OUTPUT_TYPES } from "../toolchain/output_type.ts";
import {
  choice,
  count,
  either,
  type Form,
  list,
  mapped,
  path,
  size,
  table,
  text,
  time,
  truth,
  wholeNumber,
} from "../manifest/form.ts";
import { type KeyName, KEYS } from "../manifest/keys.ts";
import type { CommandKey, CommandTables } from "../manifest/tables.ts";
import type { CommandRow } from "./commands/command_row.ts";
import { COMMANDS } from "./commands.ts";
import { type FlagName, FLAGS } from "./flags.ts";
import type { FlagRow } from "./flags/flag_row.ts";
import { GRANT_FLAGS } from "./limit_flags.ts";

/** Flags that only a command line can have. */
const LINE_ALONE: readonly FlagName[] = ["config", "help", "verbose", "quiet"];

/** Commands that have no table: those about manifests, and one that goes by the table of another. */
const WITHOUT: readonly string[] = ["config", "uninstall"];

/** Values of flags of these kinds are paths of this machine. */
const PATHS: readonly (string | undefined)[] = ["FILE", "DIR", "PATH"];

const ANY = { least: 0, most: Number.MAX_SAFE_INTEGER } as const;

function isKey(name: string): name is KeyName {
  return Object.hasOwn(KEYS, name);
}

/** How the value of a flag stands in a file. */
function formOf(row: FlagRow): Form<unknown> {
  const plain = PATHS.includes(row.metavar) ? path : text;
  switch (row.kind) {
    case "text":
      return plain;
    case "list":
      return list(plain);
    case "choice": {
      const words = choice(row.choices ?? []), { alone } = row;
      return alone === undefined
        ? words
        : mapped(either(truth, words), (value) => value === true ? alone : value);
    }
    case "size":
      return size(ANY);
    case "time":
      return time({ least: 0, most: 2 ** 31 });
    case "count":
      return count(ANY);
    case "switch":
      return truth;
    case "number":
    case "level":
      return wholeNumber;
  }
}

function keyOf(name: FlagName): CommandKey {
  const { long, doc, ...row }: FlagRow = FLAGS[name];
  if (isKey(name)) return { flag: name, doc, form: KEYS[name].form, setting: name };
  return { flag: name, doc, form: formOf({ long, doc, ...row }) };
}

/** The table `[build]` says what is built, and has no flags: the command reads it by rules of its own. */
const BUILD_TABLE: Readonly<Record<keyof BuildTable, CommandKey>> = {
  lang: {
    flag: "lang",
    doc: "The language, where the ending of the source does not say it",
    form: choice(LANGUAGE_NAMES),
  },
  source: { flag: "source", doc: "The source, in the file's folder; a list in C", form: list(text) },
  out: {
    flag: "out",
    doc: "The module's file, in the file's folder. Default: beside the source",
    form: text,
  },
  type: { flag: "type", doc: "What is made. Default: what the source tells", form: choice(OUTPUT_TYPES) },
  optimise: { flag: "optimise", doc: "Whether it is made small and fast. Default: true", form: truth },
  signatures: { flag: "signatures", doc: "Lines of the section aegis:signatures", form: list(text) },
  sections: {
    flag: "sections",
    doc: "Files with the text of custom sections",
    form: table(
      Object.fromEntries(Object.keys(BUILD_SECTIONS).map((name) => [name, text])) as Record<
        string,
        typeof text
      >,
    ),
  },
};

/** Makes the tables: one for each first word of a command. */
export function commandTables(): CommandTables {
  const tables: Record<string, Record<string, CommandKey>> = {};
  for (const [name, row] of Object.entries(COMMANDS as Record<string, CommandRow>)) {
    const [first = name] = name.split(" ");
    // Who takes no manifest reads no table of it.
    if (WITHOUT.includes(first) || !row.flags.includes("config")) continue;
    const table = tables[first] ??= {};
    for (const flag of row.flags) {
      // What a task is granted is the server's, by its paths and hosts.
      const isGrant = first === "task" && GRANT_FLAGS.some((grant) => grant === flag);
      if (!LINE_ALONE.includes(flag) && !isGrant) table[FLAGS[flag].long.replaceAll("-", "_")] = keyOf(flag);
    }
  }
  return { ...tables, build: BUILD_TABLE };
}
