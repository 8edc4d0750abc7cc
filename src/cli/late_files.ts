/**
 * Files that are loaded when they are needed: the end of a file's name is put to it there and then. What an import names in
 * full, Deno reads before anything runs, with all that it imports: 600 files, of which a command needs a sixth. `every_file.ts`
 * names them in full.
 */

const TS = ".ts";

/** Those of the commands, and what reads the file of --config. */
export const LATE_FILES = {
  run: (): Promise<typeof import("./run.ts")> => import(`./run${TS}`),
  validate: (): Promise<typeof import("./validate.ts")> => import(`./validate${TS}`),
  inspect: (): Promise<typeof import("./inspect.ts")> => import(`./inspect${TS}`),
  scanCommand: (): Promise<typeof import("./scan_command.ts")> => import(`./scan_command${TS}`),
  diff: (): Promise<typeof import("./diff.ts")> => import(`./diff${TS}`),
  listingCommands: (): Promise<typeof import("./listing_commands.ts")> => import(`./listing_commands${TS}`),
  graph: (): Promise<typeof import("./graph.ts")> => import(`./graph${TS}`),
  bindgen: (): Promise<typeof import("./bindgen.ts")> => import(`./bindgen${TS}`),
  compile: (): Promise<typeof import("./compile.ts")> => import(`./compile${TS}`),
  install: (): Promise<typeof import("./install.ts")> => import(`./install${TS}`),
  serveCommand: (): Promise<typeof import("./serve_command.ts")> => import(`./serve_command${TS}`),
  build: (): Promise<typeof import("./build.ts")> => import(`./build${TS}`),
  newProject: (): Promise<typeof import("./new_project.ts")> => import(`./new_project${TS}`),
  serverCommand: (): Promise<typeof import("./server_command.ts")> => import(`./server_command${TS}`),
  mcpCommand: (): Promise<typeof import("./mcp_command.ts")> => import(`./mcp_command${TS}`),
  scheduleCommand: (): Promise<typeof import("./schedule_command.ts")> => import(`./schedule_command${TS}`),
  pluginList: (): Promise<typeof import("./plugin_list.ts")> => import(`./plugin_list${TS}`),
  pluginCheck: (): Promise<typeof import("./plugin_check.ts")> => import(`./plugin_check${TS}`),
  pluginCall: (): Promise<typeof import("./plugin_call.ts")> => import(`./plugin_call${TS}`),
  configCheck: (): Promise<typeof import("./config_check.ts")> => import(`./config_check${TS}`),
  configExplain: (): Promise<typeof import("./config_explain.ts")> => import(`./config_explain${TS}`),
  auditCommand: (): Promise<typeof import("./audit_command.ts")> => import(`./audit_command${TS}`),
  taskCommands: (): Promise<typeof import("./task_commands.ts")> => import(`./task_commands${TS}`),
  doctorCommand: (): Promise<typeof import("./doctor_command.ts")> => import(`./doctor_command${TS}`),
  completionsCommand: (): Promise<typeof import("./completions_command.ts")> =>
    import(`./completions_command${TS}`),
  configFile: (): Promise<typeof import("./config_file.ts")> => import(`./config_file${TS}`),
} as const;

/** One of them. */
export type LateFile = keyof typeof LATE_FILES;
