/** Help texts, made of the tables of commands and flags. */
import {
  COMMAND_GROUPS,
  type CommandName,
  type CommandRow,
  COMMANDS,
  commandsOf,
  firstWords,
  type GroupName,
  isGroupName,
} from "./commands.ts";
import { LIMITS } from "../core/limits.ts";
import { flagOfField, type FlagRow, FLAGS } from "./flags.ts";
import { isLimitName, limitText } from "../core/limit_bounds.ts";
import { VERSION } from "./version.ts";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}

function flagColumn(row: FlagRow): string {
  const short = row.short === undefined ? "    " : `-${row.short}, `;
  if (row.alone !== undefined) return `${short}--${row.long}[=<${row.metavar}>]`;
  return `${short}--${row.long}${row.metavar === undefined ? "" : ` <${row.metavar}>`}`;
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

/** The bounds of a command's limits, a row each. */
function boundRows({ flags }: CommandRow): [string, string][] {
  return flags.flatMap((flag): [string, string][] => {
    const shown = flagOfField(flag);
    if (shown === undefined || !isLimitName(flag)) return [];
    const { least, most } = LIMITS[flag];
    return [[shown, `${limitText(flag, least)} to ${limitText(flag, most)}`]];
  });
}

const COMMON_STATUSES = [["0", "success"], ["1", "an error"], [
  "2",
  "a mistake on the command line",
]] as const;

function secondText(second: CommandRow["second"]): string {
  if (second === undefined) return "";
  return second.required ? ` <${second.metavar}>` : ` [${second.metavar}]`;
}

/** A command may mean something of its own by a status that others have, too. */
function statusRows(own: NonNullable<CommandRow["statuses"]>): (readonly [string, string])[] {
  const common = COMMON_STATUSES.map((row) => own.find(([status]) => status === row[0]) ?? row);
  return [...common, ...own.filter((row) => !common.includes(row))];
}

/** The help of a command. */
export function commandHelp(name: CommandName): string {
  const row: CommandRow = COMMANDS[name];
  const operand = row.operand === undefined
    ? ""
    : row.operand.optional
    ? ` [${row.operand.metavar}]`
    : ` <${row.operand.metavar}>`;
  const operands: [string, string][] = row.operand === undefined
    ? []
    : [[`<${row.operand.metavar}>`, row.operand.doc]];
  const bounds = boundRows(row), second = secondText(row.second);
  if (row.second !== undefined) operands.push([`<${row.second.metavar}>`, row.second.doc]);
  const argumentsDoc = row.argumentsDoc ?? "Arguments of the function, by its own types";
  if (row.passesArguments) operands.push(["[ARGS...]", argumentsDoc]);
  return `${row.summary}\n\n` +
    `Usage: aegis ${name}${operand}${second} [OPTIONS]${row.passesArguments ? " [-- ARGS...]" : ""}\n\n` +
    (operands.length > 0 ? `Arguments:\n${columns(operands)}\n` : "") +
    `Options:\n${
      columns(row.flags.map((flag) => [flagColumn(FLAGS[flag]), row.flagDocs?.[flag] ?? FLAGS[flag].doc]))
    }` +
    (bounds.length > 0 ? `\nBounds of the limits:\n${columns(bounds)}` : "") +
    (row.statuses ? `\nExit status:\n${columns(statusRows(row.statuses))}` : "") +
    (row.notes ? `\n${row.notes.map((note) => `${note}\n`).join("")}` : "") +
    "\nExamples:\n" +
    row.examples.map(({ line, doc }) => `  # ${doc}\n  ${line}\n`).join("\n");
}
