/** What each command does. Its file is loaded when it is called, so that none pays for what others import. */
import type { CommandName } from "./commands.ts";
import type { CommandIo } from "./io.ts";
import { LATE_FILES } from "./late_files.ts";
import type { ParsedCommand } from "./parse.ts";

/** Does what a command is for. @returns the exit status */
export type Action = (parsed: ParsedCommand, io: CommandIo) => Promise<number>;

/** The commands whose files are their own; `help` and `version` are those of `main.ts`. */
export const ACTIONS: Readonly<Record<Exclude<CommandName, "help" | "version">, () => Promise<Action>>> = {
  run: async () => (await LATE_FILES.run()).run,
  resume: async () => (await LATE_FILES.run()).resume,
  validate: async () => (await LATE_FILES.validate()).validate,
  inspect: async () => (await LATE_FILES.inspect()).inspect,
  scan: async () => (await LATE_FILES.scanCommand()).scan,
  diff: async () => (await LATE_FILES.diff()).diff,
  disasm: async () => (await LATE_FILES.listingCommands()).disasm,
  wat: async () => (await LATE_FILES.listingCommands()).wat,
  graph: async () => (await LATE_FILES.graph()).graph,
  hex: async () => (await LATE_FILES.listingCommands()).hex,
  strings: async () => (await LATE_FILES.listingCommands()).strings,
  bindgen: async () => (await LATE_FILES.bindgen()).bindgen,
  compile: async () => (await LATE_FILES.compile()).compile,
  install: async () => (await LATE_FILES.install()).install,
  uninstall: async () => (await LATE_FILES.install()).uninstall,
  serve: async () => (await LATE_FILES.serveCommand()).serve,
  build: async () => (await LATE_FILES.build()).build,
  "new http": async () => (await LATE_FILES.newProject()).newProject("http"),
  "new mcp": async () => (await LATE_FILES.newProject()).newProject("mcp"),
  "new command": async () => (await LATE_FILES.newProject()).newProject("command"),
  "new plugin": async () => (await LATE_FILES.newProject()).newProject("plugin"),
  server: async () => (await LATE_FILES.serverCommand()).server,
  mcp: async () => (await LATE_FILES.mcpCommand()).mcp,
  schedule: async () => (await LATE_FILES.scheduleCommand()).schedule,
  "plugin list": async () => (await LATE_FILES.pluginList()).pluginList,
  "plugin search": async () => (await LATE_FILES.pluginList()).pluginSearch,
  "plugin show": async () => (await LATE_FILES.pluginList()).pluginShow,
  "plugin check": async () => (await LATE_FILES.pluginCheck()).pluginCheck,
  "plugin call": async () => (await LATE_FILES.pluginCall()).pluginCall,
  "config check": async () => (await LATE_FILES.configCheck()).configCheck,
  "config explain": async () => (await LATE_FILES.configExplain()).configExplain,
  "config schema": async () => (await LATE_FILES.configCheck()).configSchema,
  "audit verify": async () => (await LATE_FILES.auditCommand()).auditVerify,
  "audit query": async () => (await LATE_FILES.auditCommand()).auditQuery,
  "task add": async () => (await LATE_FILES.taskCommands()).taskCommand("add"),
  "task list": async () => (await LATE_FILES.taskCommands()).taskCommand("list"),
  "task show": async () => (await LATE_FILES.taskCommands()).taskCommand("show"),
  "task start": async () => (await LATE_FILES.taskCommands()).taskCommand("start"),
  "task pause": async () => (await LATE_FILES.taskCommands()).taskCommand("pause"),
  "task resume": async () => (await LATE_FILES.taskCommands()).taskCommand("resume"),
  "task stop": async () => (await LATE_FILES.taskCommands()).taskCommand("stop"),
  "task restart": async () => (await LATE_FILES.taskCommands()).taskCommand("restart"),
  "task rm": async () => (await LATE_FILES.taskCommands()).taskCommand("rm"),
  "task logs": async () => (await LATE_FILES.taskCommands()).taskCommand("logs"),
  "task history": async () => (await LATE_FILES.taskCommands()).taskCommand("history"),
  doctor: async () => (await LATE_FILES.doctorCommand()).doctor,
  completions: async () => (await LATE_FILES.completionsCommand()).completions,
};
