/** The command: words in, exit status out. Only the entry ends the process. */
import { ACTIONS } from "./actions.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import {
  type CommandName,
  COMMANDS,
  commandsOf,
  firstWords,
  type GroupName,
  isCommandName,
  isGroupName,
} from "./commands.ts";
import { failureJson, failureLines, statusOf } from "./failure.ts";
import type { CommandIo } from "./io.ts";
import { printableName } from "./printable.ts";
import { parseCommand, type ParsedCommand } from "./parse.ts";
import { styleFor } from "./style.ts";

async function help(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { commandHelp, groupHelp, programHelp } = await import("./help.ts"), { operand } = parsed;
  const columns = io.columns("out");
  if (operand === undefined) io.out(programHelp(columns));
  else if (isGroupName(operand)) io.out(groupHelp(operand, columns));
  else io.out(commandHelp(commandNamed(operand), columns));
  return 0;
}

async function version(_parsed: ParsedCommand, io: CommandIo): Promise<number> {
  io.out(`aegis ${(await import("./version.ts")).VERSION}\n`);
  return 0;
}

/**
 * Commands for which the file of --config is read here. The others read it themselves: each module that they run has
 * settings of its own.
 */
const WITH_SETTINGS: readonly CommandName[] = [
  "validate",
  "inspect",
  "bindgen",
  "server",
  "schedule",
  ...commandsOf("task"),
];

/** Flags that stand before any command. */
const GLOBAL_FLAGS = ["--help", "--version"] as const;

/** @param words one or two, with a space between them */
function commandNamed(words: string): CommandName {
  if (isCommandName(words)) return words;
  const [first = "", second] = words.split(" "), isFlag = first.startsWith("-");
  const near = isFlag
    ? suggest(first, GLOBAL_FLAGS)
    : isGroupName(first)
    ? suggest(second ?? "", commandsOf(first).map((name) => name.slice(first.length + 1))).map((name) =>
      `${first} ${name}`
    )
    : suggest(first, firstWords());
  // Who leaves the first word of two out means that command.
  const whole = Object.keys(COMMANDS).filter((name) => name.endsWith(` ${first}`));
  const meant = near.length > 0 ? near : whole;
  throw new AegisError("InvalidOption", `Unknown ${isFlag ? "flag" : "command"} ${quote(words)}`, {
    suggestion: meant.length > 0
      ? `Did you mean ${meant.map((name) => quote(name)).join(" or ")}?`
      : `Commands: ${(isGroupName(first) ? commandsOf(first) : firstWords()).join(", ")}.`,
  });
}

/** The command that words begin with, of one word or two, and what is behind it. */
function commandOf(
  words: readonly string[],
): { readonly name: CommandName; readonly rest: readonly string[] } {
  const [first = "", second = "", ...more] = words;
  if (isGroupName(first)) return { name: commandNamed(`${first} ${second}`), rest: more };
  // Help takes a command as one word.
  const isPair = first === "help" && isGroupName(second) && more[0] !== undefined && !more[0].startsWith("-");
  return {
    name: commandNamed(first),
    rest: isPair ? [`${second} ${more[0]}`, ...more.slice(1)] : words.slice(1),
  };
}

/** The group that is named without one of its commands, and whether that is a wish for help. */
function groupOf(
  [first = "", second]: readonly string[],
): { readonly group: GroupName; readonly asked: boolean } | undefined {
  if (!isGroupName(first)) return undefined;
  if (second === undefined) return { group: first, asked: false };
  return second === "--help" || second === "-h" || second === "help"
    ? { group: first, asked: true }
    : undefined;
}

/** Commands that have the flag --json. */
const COMMANDS_WITH_JSON: readonly string[] = Object.keys(COMMANDS).filter((name) =>
  isCommandName(name) && (COMMANDS[name].flags as readonly string[]).includes("json")
);

/** The format that the words ask for, told without parsing them: a failure to parse is to be printed in it, too. */
function wantsJson(words: readonly string[]): "json" | "json-compact" | undefined {
  const own = words.slice(0, words.indexOf("--") < 0 ? undefined : words.indexOf("--"));
  const match = /(?:^|\n)(?:--format|-f)[=\n]?(json(?:-compact)?)(?:\n|$)/.exec(own.join("\n"));
  if (COMMANDS_WITH_JSON.includes(words[0] ?? "") && own.includes("--json")) return "json";
  return match?.[1] === "json" || match?.[1] === "json-compact" ? match[1] : undefined;
}

/** The words behind a flag that is a command by itself. */
const NO_WORDS: ParsedCommand = { operand: undefined, flags: {}, args: [] };

async function dispatch(words: readonly string[], io: CommandIo): Promise<number> {
  const [first] = words;
  if (first === undefined) {
    io.err((await import("./help.ts")).programHelp(io.columns("err")));
    return 2;
  }
  if (first === "--help" || first === "-h") {
    return await help(NO_WORDS, io);
  }
  if (first === "--version" || first === "-V") {
    return await version(NO_WORDS, io);
  }
  if (!isCommandName(first) && /\.wa(?:sm|t)$/i.test(first)) {
    throw new AegisError("InvalidOption", `Unknown command ${quote(first)}`, {
      suggestion: `To run a module: aegis run ${printableName(first)}`,
    });
  }
  const group = groupOf(words);
  if (group !== undefined) {
    const columns = io.columns(group.asked ? "out" : "err"),
      text = (await import("./help.ts")).groupHelp(group.group, columns);
    if (group.asked) io.out(text);
    else io.err(text);
    return group.asked ? 0 : 2;
  }
  const { name, rest } = commandOf(words), parsed = parseCommand(name, rest);
  if (parsed.flags.help) {
    io.out((await import("./help.ts")).commandHelp(name, io.columns("out")));
    return 0;
  }
  const read = parsed.flags.config !== undefined && WITH_SETTINGS.includes(name)
    ? await (await import("./settings.ts")).withSettings(name, parsed, io)
    : parsed;
  if (name === "help") return await help(read, io);
  if (name === "version") return await version(read, io);
  return await (await ACTIONS[name]())(read, io);
}

/**
 * Runs a command.
 *
 * @returns the exit status; failures are printed on stderr, and on stdout where the words ask for JSON
 */
export async function main(words: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await dispatch(words, io);
  } catch (error) {
    const format = wantsJson(words);
    if (format !== undefined) {
      const { jsonText } = await import("./json.ts");
      const outcome = { kind: "error", status: statusOf(error), error: failureJson(error) };
      const none = {
        execution_id: null,
        module: null,
        outcome,
        result: null,
        metrics: null,
        diagnostics: [],
      };
      io.out(jsonText(words[0] === "run" || words[0] === "resume" ? none : { outcome }, format));
    }
    io.err(failureLines(error, styleFor(io.colour)));
    return statusOf(error);
  }
}
