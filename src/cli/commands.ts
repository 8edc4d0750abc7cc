/** The commands, in the order in which help lists them. */
import { LANGUAGE_NAMES } from "../toolchain/languages.ts";
import { AUDIT_ROWS } from "./commands/audit_rows.ts";
import { CONFIG_ROWS } from "./commands/config_rows.ts";
import { MODULE_ROWS } from "./commands/module_rows.ts";
import { OWN_ROWS } from "./commands/own_rows.ts";
import { PLUGIN_ROWS } from "./commands/plugin_rows.ts";
import { PROJECT_ROWS } from "./commands/project_rows.ts";
import { RUN_ROWS } from "./commands/run_rows.ts";
import { SERVER_ROWS } from "./commands/server_rows.ts";
import { TASK_ROWS } from "./commands/task_rows.ts";
import { TOOL_ROWS } from "./commands/tool_rows.ts";

const { serve, ...servers } = SERVER_ROWS, { schedule, ...tasks } = TASK_ROWS;

/** Every command, by the words that call it. */
export const COMMANDS = {
  ...RUN_ROWS,
  ...MODULE_ROWS,
  ...TOOL_ROWS,
  serve,
  ...PROJECT_ROWS,
  ...servers,
  schedule,
  ...PLUGIN_ROWS,
  ...CONFIG_ROWS,
  ...AUDIT_ROWS,
  ...tasks,
  ...OWN_ROWS,
} as const;

/** A key of {@linkcode COMMANDS}. */
export type CommandName = keyof typeof COMMANDS;

/** First words of commands that have two. */
export const COMMAND_GROUPS = {
  audit: {
    summary: "Check and search audit logs",
    notes: [
      "aegis run, serve and mcp write one with --audit FILE: every decision about a grant, limit, stop and",
      "call of the host, and who asked for what, a line each. docs/audit.md says what it proves.",
    ],
  },
  config: {
    summary: "Check and explain manifests",
    notes: [
      "A manifest is the file of --config: limits, grants and options, and modules by name. Its keys are",
      "in docs/manifest.md.",
    ],
  },
  new: {
    summary: "Make a project from a template",
    notes: [`Languages of --lang: ${LANGUAGE_NAMES.join(", ")}; AssemblyScript, unless told.`],
  },
  plugin: {
    summary: "Look at plugins, check new versions of them, call them",
    notes: [
      "A plugin is a module with a manifest, in its section aegis:plugin or in plugin.toml or plugin.json",
      "beside it: docs/plugins.md. The folder is a registry that a program keeps, or any other one.",
    ],
  },
  task: {
    summary: "Load, start, watch and end tasks of a server",
    notes: [
      "They ask the server of --server or $AEGIS_SERVER, else the one at http://127.0.0.1:8080, with the",
      "token in the file of --token-file or in $AEGIS_TOKEN. aegis server starts a server.",
    ],
  },
} as const satisfies Record<string, { readonly summary: string; readonly notes: readonly string[] }>;

/** A key of {@linkcode COMMAND_GROUPS}. */
export type GroupName = keyof typeof COMMAND_GROUPS;

/** Whether a word is the name of a command. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

/** Whether a word is the first one of commands that have two. */
export function isGroupName(word: string): word is GroupName {
  return Object.hasOwn(COMMAND_GROUPS, word);
}

/** The commands of a group. */
export function commandsOf(group: GroupName): CommandName[] {
  return (Object.keys(COMMANDS) as CommandName[]).filter((name) => name.startsWith(`${group} `)); // its own keys
}

/** What can be typed behind `aegis`: commands of one word and groups, in the order in which help lists them. */
export function firstWords(): (CommandName | GroupName)[] {
  const words = Object.keys(COMMANDS).map((name) => name.split(" ", 1)[0]) as (CommandName | GroupName)[]; // as the tables say
  return [...new Set(words)];
}
