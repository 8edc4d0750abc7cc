/** The command: words in, exit status out. Only the entry ends the process. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { type CommandName, COMMANDS, isCommandName } from "./commands.ts";
import { failureJson, failureLines, statusOf } from "./failure.ts";
import type { CommandIo } from "./io.ts";
import { printableName } from "./printable.ts";
import { parseCommand, type ParsedCommand } from "./parse.ts";
import { styleFor } from "./style.ts";

type Action = (parsed: ParsedCommand, io: CommandIo) => Promise<number>;

/** Each command is loaded when it is called, so that none pays for the others' imports. */
const ACTIONS: Readonly<Record<CommandName, () => Promise<Action>>> = {
  run: async () => (await import("./run.ts")).run,
  resume: async () => (await import("./run.ts")).resume,
  validate: async () => (await import("./validate.ts")).validate,
  inspect: async () => (await import("./inspect.ts")).inspect,
  bindgen: async () => (await import("./bindgen.ts")).bindgen,
  help: () => Promise.resolve(help),
  version: () => Promise.resolve(version),
};

async function help(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { commandHelp, programHelp } = await import("./help.ts");
  if (parsed.operand === undefined) io.out(programHelp());
  else io.out(commandHelp(commandNamed(parsed.operand)));
  return 0;
}

async function version(_parsed: ParsedCommand, io: CommandIo): Promise<number> {
  io.out(`aegis ${(await import("./version.ts")).VERSION}\n`);
  return 0;
}

/** Flags that stand before any command. */
const GLOBAL_FLAGS = ["--help", "--version"] as const;

function commandNamed(word: string): CommandName {
  if (isCommandName(word)) return word;
  const isFlag = word.startsWith("-");
  const near = suggest(word, isFlag ? GLOBAL_FLAGS : Object.keys(COMMANDS));
  throw new AegisError("InvalidOption", `Unknown ${isFlag ? "flag" : "command"} ${quote(word)}`, {
    suggestion: near.length > 0
      ? `Did you mean ${near.map((name) => quote(name)).join(" or ")}?`
      : `Commands: ${Object.keys(COMMANDS).join(", ")}.`,
  });
}

/** The format that the words ask for, told without parsing them: a failure to parse is to be printed in it, too. */
function wantsJson(words: readonly string[]): "json" | "json-compact" | undefined {
  const own = words.slice(0, words.indexOf("--") < 0 ? undefined : words.indexOf("--"));
  const match = /(?:^|\n)(?:--format|-f)[=\n]?(json(?:-compact)?)(?:\n|$)/.exec(own.join("\n"));
  return match?.[1] === "json" || match?.[1] === "json-compact" ? match[1] : undefined;
}

/** The words behind a flag that is a command by itself. */
const NO_WORDS: ParsedCommand = { operand: undefined, flags: {}, args: [] };

async function dispatch(words: readonly string[], io: CommandIo): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined) {
    io.err((await import("./help.ts")).programHelp());
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
  const name = commandNamed(first);
  const parsed = parseCommand(name, rest);
  if (parsed.flags.help) {
    io.out((await import("./help.ts")).commandHelp(name));
    return 0;
  }
  return await (await ACTIONS[name]())(parsed, io);
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
