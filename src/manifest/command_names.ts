/** Names of tables that are commands' own. The library leaves what is in them to the commands, which refuse unknown keys. */
export const COMMAND_NAMES = [
  "run",
  "resume",
  "validate",
  "inspect",
  "bindgen",
  "server",
  "schedule",
  "task",
  "serve",
  "mcp",
  "compile",
  "install",
  "build",
  "new",
  "plugin",
] as const;
