import { COMMANDS } from "../../src/cli/commands.ts";
import { AUDIT_ROWS } from "../../src/cli/commands/audit_rows.ts";
import { CONFIG_ROWS } from "../../src/cli/commands/config_rows.ts";
import { MODULE_ROWS } from "../../src/cli/commands/module_rows.ts";
import { OWN_ROWS } from "../../src/cli/commands/own_rows.ts";
import { PLUGIN_ROWS } from "../../src/cli/commands/plugin_rows.ts";
import { PROJECT_ROWS } from "../../src/cli/commands/project_rows.ts";
import { RUN_ROWS } from "../../src/cli/commands/run_rows.ts";
import { SERVER_ROWS } from "../../src/cli/commands/server_rows.ts";
import { TASK_ROWS } from "../../src/cli/commands/task_rows.ts";
import { TOOL_ROWS } from "../../src/cli/commands/tool_rows.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { MAKE_FLAGS } from "../../src/cli/flags/make_flags.ts";
import { MODULE_FLAGS } from "../../src/cli/flags/module_flags.ts";
import { RECORD_FLAGS } from "../../src/cli/flags/record_flags.ts";
import { SERVER_FLAGS } from "../../src/cli/flags/server_flags.ts";
import { SETTING_FLAGS } from "../../src/cli/flags/setting_flags.ts";
import { TASK_FLAGS } from "../../src/cli/flags/task_flags.ts";
import { WATCH_FLAGS } from "../../src/cli/flags/watch_flags.ts";
import { assert, assertEquals } from "../assert.ts";

const GROUPS_OF_COMMANDS = [
  AUDIT_ROWS,
  CONFIG_ROWS,
  MODULE_ROWS,
  OWN_ROWS,
  PLUGIN_ROWS,
  PROJECT_ROWS,
  RUN_ROWS,
  SERVER_ROWS,
  TASK_ROWS,
  TOOL_ROWS,
];
const GROUPS_OF_FLAGS = [
  MAKE_FLAGS,
  MODULE_FLAGS,
  RECORD_FLAGS,
  SERVER_FLAGS,
  SETTING_FLAGS,
  TASK_FLAGS,
  WATCH_FLAGS,
];

/** Names that stand in more groups than one: the later row would take the earlier one's place. */
function namedTwice(groups: readonly object[]): string[] {
  const names = groups.flatMap((group) => Object.keys(group));
  return names.filter((name, index) => names.indexOf(name) !== index);
}

Deno.test("COMMANDS has each row of its groups, and no name twice", () => {
  assertEquals(namedTwice(GROUPS_OF_COMMANDS), []);
  for (const group of GROUPS_OF_COMMANDS) {
    for (const [name, row] of Object.entries(group)) {
      assert((COMMANDS as Readonly<Record<string, object>>)[name] === row, name);
    }
  }
});

Deno.test("FLAGS has each row of its groups, and no name twice", () => {
  assertEquals(namedTwice(GROUPS_OF_FLAGS), []);
  for (const group of GROUPS_OF_FLAGS) {
    for (const [name, row] of Object.entries(group)) {
      assert((FLAGS as Readonly<Record<string, object>>)[name] === row, name);
    }
  }
});
