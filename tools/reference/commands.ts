/** docs/commands.md: every command with its options, from the tables that the parser and the help have. */
import {
  COMMON_STATUSES,
  describeCommand,
  type OptionDescription,
} from "../../src/cli/command_description.ts";
import {
  COMMAND_GROUPS,
  type CommandName,
  COMMANDS,
  commandsOf,
  firstWords,
  type GroupName,
  isGroupName,
} from "../../src/cli/commands.ts";
import type { CommandRow } from "../../src/cli/commands/command_row.ts";
import type { FlagRow } from "../../src/cli/flags/flag_row.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { anchor, code, prose, table } from "./markdown_text.ts";

const HEAD = `# Commands

Every command of \`aegis\` with its options, as \`aegis help COMMAND\` prints them. [The guide](guide.md)
shows what most of them are for, and which options of a run are the ones to begin with.

This page is made of the command's own tables, by \`deno task reference\`.

`;

const VALUES = `## Values

An option stands anywhere before a \`--\`, as \`--timeout 10s\` or \`--timeout=10s\`; a value in brackets, such as
\`--trace[=<LEVEL>]\`, stands behind a \`=\` or not at all. What follows a \`--\` belongs to the guest. An option that a
command does not have ends it with status 2, and so does a value that is none of its kind; the message says what would
be.

| value            | how it is given                                                                              |
| ---------------- | -------------------------------------------------------------------------------------------- |
| \`SIZE\`         | bytes, or with a unit: \`65536\`, \`64KiB\`, \`64MiB\`, \`1GiB\`; \`64M\` is \`64MiB\`, \`64MB\` are 64,000,000 |
| \`TIME\`         | seconds, or with a unit: \`10\`, \`500ms\`, \`2m\`, \`1h\`                                   |
| \`UNITS\`        | a whole number, or with a unit: \`1000000\`, \`10K\`, \`10M\`, \`1B\`                        |

What limits mean stands in [limits.md](limits.md), what options that begin with \`--allow\` grant in
[capabilities.md](capabilities.md), how a file keeps options in [manifest.md](manifest.md).`;

function optionRow({ short, form, doc, bounds, repeats }: OptionDescription): string[] {
  const more = [
    ...bounds === undefined ? [] : [`; ${bounds}`],
    ...repeats ? ["; may be given several times"] : [],
  ];
  return [`${short === undefined ? "" : `${code(`-${short}`)}, `}${code(form)}`, prose(doc) + more.join("")];
}

/** Notes are lines of a terminal: those that go on with a sentence belong to the line before. */
function sentences(notes: readonly string[]): string[] {
  const items: string[] = [];
  for (const [index, note] of notes.entries()) {
    const goesOn = index > 0 && !/\.$/.test(notes[index - 1] ?? "");
    if (goesOn) items.push(`${items.pop()} ${note}`);
    else items.push(note);
  }
  return items.map(prose);
}

function list(items: readonly string[]): string {
  return items.length === 1 ? items.join("") : items.map((item) => `- ${item}`).join("\n");
}

function section(name: CommandName): string {
  const { summary, usage, operands, options, statuses, notes, examples } = describeCommand(name);
  return [
    `${name.includes(" ") ? "###" : "##"} aegis ${name}`,
    `${summary}: ${code(usage)}`,
    ...operands.length === 0 ? [] : [
      table(["argument", "what it is"], operands.map(([form, doc]) => [code(form), prose(doc)])),
    ],
    table(["option", "what it does"], options.map(optionRow)),
    ...statuses.length === 0 ? [] : [
      table(["exit status", "it ended with"], statuses.map(([status, meaning]) => [status, prose(meaning)])),
    ],
    ...notes.length === 0 ? [] : [list(sentences(notes))],
    `\`\`\`sh\n${examples.map(({ line, doc }) => `# ${doc}\n${line}`).join("\n")}\n\`\`\``,
  ].join("\n\n");
}

function groupSection(group: GroupName): string {
  const { summary, notes } = COMMAND_GROUPS[group];
  return [`## aegis ${group}`, `${summary}.`, list(sentences(notes)), ...commandsOf(group).map(section)].join(
    "\n\n",
  );
}

function overview(): string {
  const rows = firstWords().flatMap((word) => {
    const names = isGroupName(word) ? commandsOf(word) : [word];
    return names.map((name) => [
      `[${code(`aegis ${name}`)}](${anchor(`aegis ${name}`)})`,
      prose(COMMANDS[name].summary),
    ]);
  });
  return table(["command", "what it does"], rows);
}

const VARIABLE = /\$[A-Z][A-Z_]+/g;

/** Variables of the environment, with the options and commands whose texts name them. */
function variableRows(): string[][] {
  const found = new Map<string, Map<string, Set<string>>>();
  const note = (text: string, option: string, command: string) => {
    for (const [variable] of text.matchAll(VARIABLE)) {
      const options = found.get(variable) ?? new Map<string, Set<string>>();
      found.set(variable, options.set(option, (options.get(option) ?? new Set()).add(command)));
    }
  };
  for (const name of Object.keys(COMMANDS) as CommandName[]) { // its own keys
    const { flags, flagDocs, notes = [] }: CommandRow = COMMANDS[name], [word = name] = name.split(" ");
    for (const flag of flags) {
      const { long, doc }: FlagRow = FLAGS[flag];
      note(flagDocs?.[flag] ?? doc, code(`--${long}`), word);
    }
    note(notes.join(" "), "", word);
  }
  return [...found].toSorted(([one], [other]) => one < other ? -1 : 1).map(([variable, options]) => {
    const uses = [...options].map(([option, commands]) => {
      const names = [...commands].map((word) => code(`aegis ${word}`)).join(", ");
      return option === "" ? names : `${option} of ${names}`;
    });
    return [code(variable), uses.join("; ")];
  });
}

/** The document, not yet formatted. */
export function renderCommands(): string {
  return [
    HEAD + overview(),
    `Each takes ${code("--help")}. A command ends with ${
      COMMON_STATUSES.map(([status, meaning]) => `${code(status)} for ${meaning}`).join(", ")
    }; statuses of its own stand with it, and [errors.md](errors.md#exit-statuses) says what leads to each.`,
    VALUES,
    "## Variables of the environment",
    "What a variable says holds where the option is not given.",
    table(["variable", "where it counts"], variableRows()),
    ...firstWords().map((word) => isGroupName(word) ? groupSection(word) : section(word)),
  ].join("\n\n") + "\n";
}
