/**
 * What a word of the command line may become: found in the tables of commands and flags, so that a new row is completed as
 * it is parsed and helped with. Names of files are left to the shell, which knows how they are written in it.
 */
import {
  COMMAND_GROUPS,
  type CommandName,
  COMMANDS,
  commandsOf,
  firstWords,
  isCommandName,
  isGroupName,
} from "./commands.ts";
import type { CommandRow } from "./commands/command_row.ts";
import { type FlagName, FLAGS, flagText } from "./flags.ts";
import type { FlagRow } from "./flags/flag_row.ts";
import { takesValue } from "./parse.ts";

/** A word that can stand there. */
export interface Candidate {
  readonly word: string;
  readonly doc: string;
}

/** Names that the shell adds. */
export type Paths = "none" | "files" | "directories";

/** What the word under the cursor may become. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Behind the `=` of a word that begins with dashes, else for the whole of it. */
  readonly paths: Paths;
}

/** What stands for something that the shell knows, by the name that help gives it; all others are known to nobody. */
export const METAVARS_WITH_PATHS: Readonly<Record<string, Paths>> = {
  MODULE: "files",
  OTHER: "files",
  OLD: "files",
  NEW: "files",
  FILE: "files",
  PATH: "files",
  DIR: "directories",
  "[PATH=]DIR": "directories",
  "HOST::GUEST[:ro]": "directories",
};

/** Flags whose value is a path by their name, and no file: a route of a server. */
const NO_PATHS: readonly FlagName[] = ["route"];

const NOTHING: Completion = { candidates: [], paths: "none" };

/** Flags that stand before any command. */
const GLOBAL: readonly Candidate[] = [
  { word: "--help", doc: FLAGS.help.doc },
  { word: "--version", doc: "Print the version" },
];

function matching(candidates: readonly Candidate[], typed: string, paths: Paths = "none"): Completion {
  return { candidates: candidates.filter(({ word }) => word.startsWith(typed)), paths };
}

/** The first words of commands, or the second ones of a group. */
function commandWords(group?: string): Candidate[] {
  if (group !== undefined) {
    if (!isGroupName(group)) return [];
    return commandsOf(group).map((name) => ({
      word: name.slice(group.length + 1),
      doc: COMMANDS[name].summary,
    }));
  }
  return firstWords().map((word) => ({
    word,
    doc: (isGroupName(word) ? COMMAND_GROUPS[word] : COMMANDS[word]).summary,
  }));
}

/** A flag as it was typed, long or short. */
function flagOf(command: CommandName, typed: string): FlagName | undefined {
  return COMMANDS[command].flags.find((name) => {
    const { long, short }: FlagRow = FLAGS[name];
    return typed === `--${long}` || short !== undefined && typed === `-${short}`;
  });
}

/** Values of a flag. @param before what stands before the value in the same word */
function values(name: FlagName, typed: string, before = ""): Completion {
  const { choices = [], metavar = "" }: FlagRow = FLAGS[name];
  const paths = NO_PATHS.includes(name) || typed.includes("::") ? "none" : METAVARS_WITH_PATHS[metavar];
  const candidates = choices.map((choice) => ({ word: `${before}${choice}`, doc: FLAGS[name].doc }));
  return matching(candidates, before + typed, paths);
}

/** What stands before the cursor, behind the command. */
interface Before {
  /** The flag whose value the word is. */
  readonly open: FlagName | undefined;
  /** Flags that are there. */
  readonly given: ReadonlySet<FlagName>;
  /** How many words are no flags and no values. */
  readonly operands: number;
}

function lookAt(command: CommandName, words: readonly string[]): Before {
  const given = new Set<FlagName>();
  let open: FlagName | undefined, operands = 0;
  for (const word of words) {
    if (open !== undefined) {
      open = undefined;
      continue;
    }
    if (!word.startsWith("-") || word === "-") {
      operands++;
      continue;
    }
    const [typed = "", value] = word.split("=", 2), name = flagOf(command, typed);
    if (name === undefined) continue;
    given.add(name);
    if (value === undefined && takesValue(FLAGS[name])) open = name;
  }
  return { open, given, operands };
}

/** Flags that can still be given; those with a value that may be left out stand there with each of them, too. */
function flags(command: CommandName, given: ReadonlySet<FlagName>): Candidate[] {
  const row: CommandRow = COMMANDS[command];
  return row.flags.flatMap((name) => {
    const flag: FlagRow = FLAGS[name], doc = row.flagDocs?.[name] ?? flag.doc, word = flagText(name);
    if (given.has(name) && flag.kind !== "list" && flag.kind !== "level") return [];
    const chosen = flag.alone === undefined ? [] : flag.choices ?? [];
    return [{ word, doc }, ...chosen.map((choice) => ({ word: `${word}=${choice}`, doc }))];
  });
}

/** A word that is no flag. */
function operand(command: CommandName, typed: string, { operands, given }: Before): Completion {
  const row: CommandRow = COMMANDS[command], wanted = [row.operand, row.second][operands];
  if (wanted === undefined) {
    return typed === "" ? { candidates: flags(command, given), paths: "none" } : NOTHING;
  }
  const choices = "choices" in wanted ? wanted.choices ?? [] : [];
  return matching(
    choices.map((word) => ({ word, doc: wanted.doc })),
    typed,
    METAVARS_WITH_PATHS[wanted.metavar],
  );
}

/**
 * Completes a command line.
 *
 * @param words those behind `aegis`; the last one is the one under the cursor, and may be empty
 */
export function complete(words: readonly string[]): Completion {
  const [first = "", second = ""] = words, typed = words.at(-1) ?? "";
  if (words.length < 2) return matching([...commandWords(), ...first.startsWith("-") ? GLOBAL : []], first);
  if (first === "help") {
    return words.length > 3
      ? NOTHING
      : matching(commandWords(words.length === 2 ? undefined : second), typed);
  }
  if (isGroupName(first) && words.length === 2) return matching(commandWords(first), second);
  const command = isGroupName(first) ? `${first} ${second}` : first;
  if (!isCommandName(command)) return NOTHING;
  const behind = words.slice(isGroupName(first) ? 2 : 1, -1);
  // The words of a guest are whatever they are: most likely files.
  if (behind.includes("--")) return { candidates: [], paths: "files" };

  const before = lookAt(command, behind);
  if (before.open !== undefined) return values(before.open, typed);
  const equals = typed.indexOf("=");
  if (typed.startsWith("--") && equals > 0) {
    const name = flagOf(command, typed.slice(0, equals));
    return name === undefined ? NOTHING : values(name, typed.slice(equals + 1), typed.slice(0, equals + 1));
  }
  if (typed.startsWith("-")) return matching(flags(command, before.given), typed);
  return operand(command, typed, before);
}
