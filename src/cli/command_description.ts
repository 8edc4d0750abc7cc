/** What there is to say of a command, as data made of the tables: help prints it, and docs/commands.md has it. */
import { isLimitName, limitText } from "../core/limit_bounds.ts";
import { LIMITS } from "../core/limits.ts";
import { type CommandName, COMMANDS } from "./commands.ts";
import type { CommandRow } from "./commands/command_row.ts";
import { type FlagName, FLAGS } from "./flags.ts";
import { flagOfField } from "./flags/setting_flags.ts";
import type { FlagRow } from "./flags/flag_row.ts";

/** What is typed or printed, and what it means. */
export type DescriptionRow = readonly [name: string, meaning: string];

/** An option of a command. */
export interface OptionDescription {
  /** One letter. */
  readonly short?: string;
  /** `--timeout <TIME>` */
  readonly form: string;
  readonly doc: string;
  /** Of a limit, the least and the most that it can be: `1KiB to 640KiB`. */
  readonly bounds?: string;
  /** Whether it may be given several times. */
  readonly repeats: boolean;
}

export interface CommandDescription {
  readonly summary: string;
  readonly usage: string;
  readonly operands: readonly DescriptionRow[];
  readonly options: readonly OptionDescription[];
  /** Empty where there are none but those that all commands have. */
  readonly statuses: readonly DescriptionRow[];
  readonly notes: readonly string[];
  readonly examples: CommandRow["examples"];
}

/** Statuses of all commands. */
export const COMMON_STATUSES = [
  ["0", "success"],
  ["1", "an error"],
  ["2", "a mistake on the command line"],
] as const satisfies readonly DescriptionRow[];

function flagForm(row: FlagRow): string {
  if (row.alone !== undefined) return `--${row.long}[=<${row.metavar}>]`;
  return `--${row.long}${row.metavar === undefined ? "" : ` <${row.metavar}>`}`;
}

/** Flags that only show something may have the name of a limit: `--tables`. */
function boundsOf(name: FlagName): string | undefined {
  if (!isLimitName(name) || flagOfField(name) === undefined) return undefined;
  const { least, most } = LIMITS[name];
  return `${limitText(name, least)} to ${limitText(name, most)}`;
}

function describeOption(name: FlagName, doc: string): OptionDescription {
  const row: FlagRow = FLAGS[name], { short } = row, bounds = boundsOf(name);
  return {
    ...(short === undefined ? {} : { short }),
    form: flagForm(row),
    doc,
    ...(bounds === undefined ? {} : { bounds }),
    repeats: row.kind === "list",
  };
}

/** A command may mean something of its own by a status that others have, too. */
function statusRows(own: CommandRow["statuses"]): DescriptionRow[] {
  if (own === undefined) return [];
  const common = COMMON_STATUSES.map((row) => own.find(([status]) => status === row[0]) ?? row);
  return [...common, ...own.filter((row) => !common.includes(row))];
}

function operandRows({ operand, second, passesArguments, argumentsDoc }: CommandRow): DescriptionRow[] {
  const rows: DescriptionRow[] = [operand, second].flatMap((one): DescriptionRow[] =>
    one === undefined ? [] : [[`<${one.metavar}>`, one.doc]]
  );
  if (passesArguments) {
    rows.push(["[ARGS...]", argumentsDoc ?? "Arguments of the function, by its own types"]);
  }
  return rows;
}

function usageOf(name: CommandName, { operand, second, passesArguments }: CommandRow): string {
  const placed = (metavar: string, required: boolean) => required ? ` <${metavar}>` : ` [${metavar}]`;
  return `aegis ${name}` +
    (operand === undefined ? "" : placed(operand.metavar, operand.optional !== true)) +
    (second === undefined ? "" : placed(second.metavar, second.required === true)) +
    ` [OPTIONS]${passesArguments ? " [-- ARGS...]" : ""}`;
}

/** Describes a command. */
export function describeCommand(name: CommandName): CommandDescription {
  const row: CommandRow = COMMANDS[name];
  return {
    summary: row.summary,
    usage: usageOf(name, row),
    operands: operandRows(row),
    options: row.flags.map((flag) => describeOption(flag, row.flagDocs?.[flag] ?? FLAGS[flag].doc)),
    statuses: statusRows(row.statuses),
    notes: row.notes ?? [],
    examples: row.examples,
  };
}
