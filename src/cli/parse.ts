/**
 * Words to {@linkcode FlagValues}: the runtime's own `parseArgs` splits them, the table of flags says what they mean.
 *
 *     --name VALUE   --name=VALUE   -n VALUE   -nVALUE   -n=VALUE   -vvq   -- WORDS FOR THE GUEST
 */
import { parseArgs } from "node:util";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { type CommandName, COMMANDS } from "./commands.ts";
import { type CommandRow, MODULE } from "./commands/command_row.ts";
import { type RawValue, readFlagValue } from "./flag_value.ts";
import { type FlagName, FLAGS, flagText, type FlagValues } from "./flags.ts";
import type { FlagRow } from "./flags/flag_row.ts";

/** The words behind a command, read. */
export interface ParsedCommand {
  /** The positional argument; absent only where the command's row says so, or where help was asked for. */
  readonly operand: string | undefined;
  /** The one behind it, where the command's row has a second one. */
  readonly second?: string;
  readonly flags: FlagValues;
  /** What followed `--`, untouched. */
  readonly args: readonly string[];
}

/** What `parseArgs` reports of a word; its own type is hidden behind its options. */
type OptionToken = {
  readonly kind: "option";
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
};
type Token =
  | OptionToken
  | { readonly kind: "positional"; readonly value: string }
  | { readonly kind: "option-terminator" };

function refuse(message: string, command: CommandName, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", message, { suggestion: suggestion ?? `See: aegis help ${command}` });
}

/** Names that other runtimes have for a flag. */
const NAMES_ELSEWHERE: Readonly<Record<string, FlagName>> = { "--invoke": "function", "--mapdir": "dir" };

/** Where the words of a guest belong; undefined for a command that takes none. */
function argumentsHint(command: CommandName, words: string): string | undefined {
  const { passesArguments, operand, second }: CommandRow = COMMANDS[command];
  if (passesArguments !== true) return undefined;
  const operands = [operand?.metavar ?? "", second?.metavar ?? ""].join(" ").trim();
  return `Arguments of the function follow "--": aegis ${command} ${operands} -- ${words}`;
}

function unknownFlag(typed: string, command: CommandName): AegisError {
  const elsewhere = NAMES_ELSEWHERE[typed], known: readonly FlagName[] = COMMANDS[command].flags;
  if (/^-\d/.test(typed)) { // a number below zero, of which the parser tells one digit
    return refuse(`Unknown flag ${quote(typed)} of "aegis ${command}"`, command, argumentsHint(command, "…"));
  }
  const near = elsewhere !== undefined && known.includes(elsewhere)
    ? [flagText(elsewhere)]
    : suggest(typed, known.map(flagText), 2);
  return refuse(
    `Unknown flag ${quote(typed)} of "aegis ${command}"`,
    command,
    typed.length > 2 && near.length > 0 ? `Did you mean ${near.join(" or ")}?` : undefined,
  );
}

/** The flags of a command by their long names, as `parseArgs` reports them. */
function flagsByLongName(command: CommandName): Map<string, FlagName> {
  return new Map(COMMANDS[command].flags.map((name) => [FLAGS[name].long, name]));
}

/** The same as options of `parseArgs`. It is not asked to be strict: our messages know what was meant. */
function splitWords(command: CommandName, words: readonly string[]): Token[] {
  const options = Object.fromEntries(COMMANDS[command].flags.map((name) => {
    const row: FlagRow = FLAGS[name];
    const type = takesValue(row) ? "string" as const : "boolean" as const;
    return [row.long, { type, multiple: true, ...(row.short === undefined ? {} : { short: row.short }) }];
  }));
  const { tokens } = parseArgs({
    args: [...words],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

/** Whether a value has to stand with a flag. */
export function takesValue(row: FlagRow): boolean {
  return row.kind !== "switch" && row.kind !== "level" && row.alone === undefined;
}

/** The value that stands with a flag; a word that looks like the next flag is none. */
function valueOf(token: OptionToken, flag: FlagRow, command: CommandName): RawValue {
  const { rawName, value, inlineValue } = token;
  if (flag.alone !== undefined) return value ?? flag.alone;
  if (!takesValue(flag)) return true;
  if (value === undefined || !inlineValue && looksLikeFlag(value)) {
    throw refuse(`Flag ${rawName} needs a value: ${rawName} ${flag.metavar}`, command);
  }
  return inlineValue && !rawName.startsWith("--") ? value.replace(/^=/, "") : value;
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
  let operand: string | undefined, second: string | undefined;

  const names = flagsByLongName(command);
  for (const token of splitWords(command, own)) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (operand !== undefined && row.second && second === undefined) {
        second = token.value;
        continue;
      }
      if (operand !== undefined || !row.operand) throw unexpected(token.value, { command, own });
      operand = token.value;
      continue;
    }
    const name = names.get(token.name);
    if (name === undefined) throw unknownFlag(token.rawName, command);
    const flag: FlagRow = FLAGS[name];
    if (!takesValue(flag) && flag.alone === undefined && token.value !== undefined) {
      throw refuse(`Flag ${token.rawName} takes no value`, command);
    }
    if (flag.kind === "level") {
      flags.set(name, Number(flags.get(name) ?? 0) + 1);
      continue;
    }
    const value = readFlagValue(name, valueOf(token, flag, command), flagText(name)),
      before = flags.get(name);
    if (Array.isArray(value) && Array.isArray(before)) {
      flags.set(name, [...before, ...value]);
      continue;
    }
    if (before !== undefined) throw refuse(`Flag ${flagText(name)} is given twice`, command);
    flags.set(name, value);
  }

  if (!flags.has("help")) {
    if (args.length > 0 && !row.passesArguments) throw unexpected(args[0] ?? "", { command, own });
    // A manifest may name the module that is meant.
    const named = flags.has("config") && row.operand?.metavar === MODULE.metavar;
    if (operand === undefined && row.operand && !row.operand.optional && !named) {
      throw refuse(`Missing ${row.operand.metavar} of "aegis ${command}"`, command);
    }
    if (second === undefined && row.second?.required) {
      throw refuse(`Missing ${row.second.metavar} of "aegis ${command}"`, command);
    }
  }
  const read = Object.fromEntries(flags) as FlagValues; // readFlagValue() gave each its type
  return { operand, ...(second === undefined ? {} : { second }), flags: read, args };
}

function unexpected(
  word: string,
  { command, own }: { readonly command: CommandName; readonly own: readonly string[] },
): AegisError {
  // All words from this one on, as far as they are no flags, were meant for the function.
  const rest = own.slice(own.lastIndexOf(word)).filter((other) => !looksLikeFlag(other));
  const shown = rest.map((other) => /^[\w@%+=:,./-]+$/.test(other) ? other : quote(other)).join(" ");
  return refuse(`Unexpected argument ${quote(word)}`, command, argumentsHint(command, shown));
}
