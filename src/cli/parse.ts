/**
 * Words to {@linkcode FlagValues}, by the table of flags alone.
 *
 *     --name VALUE   --name=VALUE   -n VALUE   -nVALUE   -n=VALUE   -vvq   -- WORDS FOR THE GUEST
 *
 * Written here rather than taken from a library since it runs before everything else of a command that is to
 * start in 100 ms, of which the libraries at hand take 40 to 60.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { type CommandName, type CommandRow, COMMANDS } from "./commands.ts";
import { type RawValue, readFlagValue } from "./flag_value.ts";
import { type FlagName, type FlagRow, FLAGS, flagText, type FlagValues } from "./flags.ts";

/** The words behind a command, read. */
export interface ParsedCommand {
  /** The positional argument; absent only where the command's row says so, or where help was asked for. */
  readonly operand: string | undefined;
  readonly flags: FlagValues;
  /** What followed `--`, untouched. */
  readonly args: readonly string[];
}

interface Given {
  readonly name: FlagName;
  readonly row: FlagRow;
  /** As it was typed: `-e` or `--function`. */
  readonly typed: string;
  /** The value that hangs on the same word. */
  readonly attached: string | undefined;
}

function refuse(message: string, command: CommandName, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", message, { suggestion: suggestion ?? `See: aegis help ${command}` });
}

function unknownFlag(typed: string, command: CommandName): AegisError {
  const near = suggest(typed, COMMANDS[command].flags.map(flagText), 2);
  return refuse(
    `Unknown flag ${quote(typed)} of "aegis ${command}"`,
    command,
    typed.length > 2 && near.length > 0 ? `Did you mean ${near.join(" or ")}?` : undefined,
  );
}

/** The flags in one word: one, or several letters behind one dash of which only the last may take a value. */
function* flagsOf(word: string, command: CommandName): Generator<Given> {
  const find = (typed: string, attached: string | undefined): Given => {
    const wanted = typed.slice(typed.startsWith("--") ? 2 : 1);
    const name = COMMANDS[command].flags.find((candidate) => {
      const row: FlagRow = FLAGS[candidate];
      return (typed.startsWith("--") ? row.long : row.short) === wanted;
    });
    if (name === undefined) throw unknownFlag(typed, command);
    return { name, row: FLAGS[name], typed, attached };
  };
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    yield equals < 0 ? find(word, undefined) : find(word.slice(0, equals), word.slice(equals + 1));
    return;
  }
  const letters = [...word.slice(1)];
  for (const [index, letter] of letters.entries()) {
    const given = find(`-${letter}`, undefined);
    const rest = letters.slice(index + 1).join("");
    if (takesValue(given.row) || rest.startsWith("=")) {
      yield { ...given, attached: rest === "" ? undefined : rest.replace(/^=/, "") };
      return;
    }
    yield given;
  }
}

function takesValue(row: FlagRow): boolean {
  return row.kind !== "switch" && row.kind !== "level";
}

/** Whether a word is a flag rather than a value: a negative number is a value. */
function looksLikeFlag(word: string): boolean {
  return /^-[^0-9.]/.test(word);
}

/**
 * Parses the words behind a command's name.
 *
 * @throws {AegisError} `InvalidOption`, with a suggestion
 */
export function parseCommand(command: CommandName, words: readonly string[]): ParsedCommand {
  const row: CommandRow = COMMANDS[command];
  const cut = words.indexOf("--");
  const own = cut < 0 ? words : words.slice(0, cut);
  const args = cut < 0 ? [] : words.slice(cut + 1);
  const flags = new Map<FlagName, unknown>();
  let operand: string | undefined;

  for (let at = 0; at < own.length; at++) {
    const word = own[at] ?? "";
    if (word === "-" || !word.startsWith("-")) {
      if (operand !== undefined || !row.operand) throw unexpected(word, command, row);
      operand = word;
      continue;
    }
    for (const { name, row: flag, typed, attached } of flagsOf(word, command)) {
      if (flag.kind === "level") {
        if (attached !== undefined) throw refuse(`Flag ${typed} takes no value`, command);
        flags.set(name, Number(flags.get(name) ?? 0) + 1);
        continue;
      }
      if (flags.has(name)) throw refuse(`Flag ${flagText(name)} is given twice`, command);
      let value: RawValue = true;
      if (takesValue(flag)) {
        const next = own[at + 1];
        if (attached === undefined && (next === undefined || looksLikeFlag(next))) {
          throw refuse(`Flag ${typed} needs a value: ${typed} ${flag.metavar}`, command);
        }
        if (attached === undefined) at++;
        value = attached ?? next ?? "";
      } else if (attached !== undefined) {
        throw refuse(`Flag ${typed} takes no value`, command);
      }
      flags.set(name, readFlagValue(name, value, flagText(name)));
    }
  }

  if (!flags.has("help")) {
    if (args.length > 0 && !row.passesArguments) throw unexpected(args[0] ?? "", command, row);
    if (operand === undefined && row.operand && !row.operand.optional) {
      throw refuse(`Missing ${row.operand.metavar} of "aegis ${command}"`, command);
    }
  }
  return { operand, flags: Object.fromEntries(flags) as FlagValues, args }; // readFlagValue() gave each its type
}

function unexpected(word: string, command: CommandName, row: CommandRow): AegisError {
  return refuse(
    `Unexpected argument ${quote(word)}`,
    command,
    row.passesArguments
      ? `Arguments of the function follow "--": aegis ${command} MODULE -- ${quote(word)}`
      : undefined,
  );
}
