/** Help texts, made of the tables of commands and flags. */
import { describeCommand, type DescriptionRow, type OptionDescription } from "./command_description.ts";
import {
  COMMAND_GROUPS,
  type CommandName,
  COMMANDS,
  commandsOf,
  firstWords,
  type GroupName,
  isGroupName,
} from "./commands.ts";
import { VERSION } from "./version.ts";

function columns(rows: readonly DescriptionRow[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}

/** The bounds of limits, by the flags as they are typed. */
function boundRows(options: readonly OptionDescription[]): DescriptionRow[] {
  return options.flatMap(({ form, bounds }) =>
    bounds === undefined ? [] : [[form.replace(/ .*/, ""), bounds]]
  );
}

function optionRow({ short, form, doc }: OptionDescription): DescriptionRow {
  return [`${short === undefined ? "    " : `-${short}, `}${form}`, doc];
}

/** The help of the program. */
export function programHelp(): string {
  const words = firstWords();
  const rows = words.map((word) =>
    [word, (isGroupName(word) ? COMMAND_GROUPS[word] : COMMANDS[word]).summary] as const
  );
  const examples = words.flatMap((word) => exampleOf(isGroupName(word) ? commandsOf(word)[0] : word));
  return `aegis ${VERSION}: runs untrusted WebAssembly, within limits and without permissions\n\n` +
    "Usage: aegis <COMMAND> [OPTIONS]\n\n" +
    "Commands:\n" + columns(rows) +
    "\nOptions:\n" + columns([["-h, --help", "Print help"], ["-V, --version", "Print the version"]]) +
    "\nExamples:\n" + examples.map((line) => `  ${line}\n`).join("") +
    '\n"aegis help <COMMAND>" says more about a command.\n';
}

/** The help of commands that have the same first word. */
export function groupHelp(group: GroupName): string {
  const { summary, notes } = COMMAND_GROUPS[group], names = commandsOf(group);
  return `${summary}\n\n` +
    `Usage: aegis ${group} <COMMAND> [OPTIONS]\n\n` +
    "Commands:\n" + columns(names.map((name) => [name, COMMANDS[name].summary])) +
    `\n${notes.map((note) => `${note}\n`).join("")}` +
    `\n"aegis help ${group} <COMMAND>" says more about a command.\n`;
}

/** The first example of a command. */
function exampleOf(name: CommandName | undefined): string[] {
  return name === undefined ? [] : COMMANDS[name].examples.slice(0, 1).map(({ line }) => line);
}

/** The help of a command. */
export function commandHelp(name: CommandName): string {
  const { summary, usage, operands, options, statuses, notes, examples } = describeCommand(name);
  const bounds = boundRows(options);
  return `${summary}\n\n` +
    `Usage: ${usage}\n\n` +
    (operands.length > 0 ? `Arguments:\n${columns(operands)}\n` : "") +
    `Options:\n${columns(options.map(optionRow))}` +
    (bounds.length > 0 ? `\nBounds of the limits:\n${columns(bounds)}` : "") +
    (statuses.length > 0 ? `\nExit status:\n${columns(statuses)}` : "") +
    (notes.length > 0 ? `\n${notes.map((note) => `${note}\n`).join("")}` : "") +
    "\nExamples:\n" +
    examples.map(({ line, doc }) => `  # ${doc}\n  ${line}\n`).join("\n");
}
