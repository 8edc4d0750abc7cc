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

/** Commands that the program's help has an example of: those that most people begin with, on one screen. */
const FIRST_COMMANDS: readonly CommandName[] = ["run", "scan", "new http", "serve", "mcp", "server"];

/** Columns that a text has at least: a terminal with fewer breaks lines itself, and one that tells none has 0. */
const LEAST_WIDTH = 40, LEAST_MEANING = 20;

/** Columns for a text, by those of the terminal; what goes elsewhere has its lines as they are written. */
function widthOf(terminal: number | undefined): number {
  return terminal === undefined || terminal < LEAST_WIDTH ? Infinity : terminal;
}

/** A text in lines of at most so many columns; a longer word stands alone. */
function linesOf(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** What is typed or printed beside what it means, which goes on below itself. */
function rowsText(rows: readonly DescriptionRow[], width: number): string {
  const names = Math.max(...rows.map(([name]) => name.length)),
    room = Math.max(width - names - 4, LEAST_MEANING);
  const between = `\n${" ".repeat(names + 4)}`;
  return rows.map(([name, meaning]) => `  ${name.padEnd(names)}  ${linesOf(meaning, room).join(between)}\n`)
    .join("");
}

/**
 * Notes are lines of sentences. Where they are broken anew, a line that ends no sentence goes on in the next; lines with
 * columns of their own stay as they are.
 */
function notesText(notes: readonly string[], width: number): string {
  if (notes.every((note) => note.length <= width)) return notes.map((note) => `${note}\n`).join("");
  const texts: string[] = [], isAligned = (text: string) => text.includes("  ");
  for (const note of notes) {
    const last = texts.at(-1);
    if (last === undefined || /[.:]$/.test(last) || isAligned(last) || isAligned(note)) texts.push(note);
    else texts[texts.length - 1] = `${last} ${note}`;
  }
  return texts.flatMap((text) => isAligned(text) ? [text] : linesOf(text, width)).map((line) => `${line}\n`)
    .join("");
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

/** The help of the program. @param columns of the terminal that shows it, if any does */
export function programHelp(columns?: number): string {
  const words = firstWords(), width = widthOf(columns);
  const rows = words.map((word) =>
    [word, (isGroupName(word) ? COMMAND_GROUPS[word] : COMMANDS[word]).summary] as const
  );
  const examples = FIRST_COMMANDS.flatMap((name) =>
    COMMANDS[name].examples.slice(0, 1).map(({ line }) => line)
  );
  const title = `aegis ${VERSION}: runs untrusted WebAssembly, within limits and without permissions`;
  return `${linesOf(title, width).join("\n")}\n\n` +
    "Usage: aegis <COMMAND> [OPTIONS]\n\n" +
    "Commands:\n" + rowsText(rows, width) +
    "\nOptions:\n" +
    rowsText([["-h, --help", "Print help"], ["-V, --version", "Print the version"]], width) +
    "\nExamples:\n" + examples.map((line) => `  ${line}\n`).join("") +
    '\n"aegis help <COMMAND>" says more about a command, with its examples.\n';
}

/** The help of commands that have the same first word. @param columns of the terminal that shows it, if any does */
export function groupHelp(group: GroupName, columns?: number): string {
  const { summary, notes } = COMMAND_GROUPS[group], names = commandsOf(group), width = widthOf(columns);
  return `${linesOf(summary, width).join("\n")}\n\n` +
    `Usage: aegis ${group} <COMMAND> [OPTIONS]\n\n` +
    "Commands:\n" + rowsText(names.map((name) => [name, COMMANDS[name].summary]), width) +
    `\n${notesText(notes, width)}` +
    `\n"aegis help ${group} <COMMAND>" says more about a command.\n`;
}

/** The help of a command. @param columns of the terminal that shows it, if any does */
export function commandHelp(name: CommandName, columns?: number): string {
  const { summary, usage, operands, options, statuses, notes, examples } = describeCommand(name);
  const bounds = boundRows(options), width = widthOf(columns);
  return `${linesOf(summary, width).join("\n")}\n\n` +
    `Usage: ${linesOf(usage, width - 7).join("\n       ")}\n\n` +
    (operands.length > 0 ? `Arguments:\n${rowsText(operands, width)}\n` : "") +
    `Options:\n${rowsText(options.map(optionRow), width)}` +
    (bounds.length > 0 ? `\nBounds of the limits:\n${rowsText(bounds, width)}` : "") +
    (statuses.length > 0 ? `\nExit status:\n${rowsText(statuses, width)}` : "") +
    (notes.length > 0 ? `\n${notesText(notes, width)}` : "") +
    "\nExamples:\n" +
    examples.map(({ line, doc }) => `  # ${doc}\n  ${line}\n`).join("\n");
}
