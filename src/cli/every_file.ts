/**
 * Every file that is loaded late, named in full: who imports this has all of them, a program that is compiled, or a cache that
 * is filled ahead. None of them is run.
 */
import type { LateFile } from "./late_files.ts";

export const EVERY_FILE: Readonly<Record<LateFile, () => Promise<unknown>>> = {
  run: () => import("./run.ts"),
  validate: () => import("./validate.ts"),
  inspect: () => import("./inspect.ts"),
  scanCommand: () => import("./scan_command.ts"),
  diff: () => import("./diff.ts"),
  listingCommands: () => import("./listing_commands.ts"),
  graph: () => import("./graph.ts"),
  bindgen: () => import("./bindgen.ts"),
  compile: () => import("./compile.ts"),
  install: () => import("./install.ts"),
  serveCommand: () => import("./serve_command.ts"),
  build: () => import("./build.ts"),
  newProject: () => import("./new_project.ts"),
  serverCommand: () => import("./server_command.ts"),
  mcpCommand: () => import("./mcp_command.ts"),
  scheduleCommand: () => import("./schedule_command.ts"),
  pluginList: () => import("./plugin_list.ts"),
  pluginCheck: () => import("./plugin_check.ts"),
  pluginCall: () => import("./plugin_call.ts"),
  configCheck: () => import("./config_check.ts"),
  configExplain: () => import("./config_explain.ts"),
  auditCommand: () => import("./audit_command.ts"),
  taskCommands: () => import("./task_commands.ts"),
  doctorCommand: () => import("./doctor_command.ts"),
  completionsCommand: () => import("./completions_command.ts"),
  configFile: () => import("./config_file.ts"),
};
