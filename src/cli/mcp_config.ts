/** What a person puts into the configuration of a client, so that it starts this server or asks it. */
import { AegisError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { quote } from "../core/quote.ts";
import { COMMANDS } from "./commands.ts";
import { type FlagName, FLAGS, flagText, type FlagValues } from "./flags.ts";
import type { FlagRow } from "./flags/flag_row.ts";
import type { McpClientName } from "./flags/server_flags.ts";
import type { CommandIo } from "./io.ts";
import type { McpPlan } from "./mcp_plan.ts";
import type { ParsedCommand } from "./parse.ts";
import { programPlaces } from "./program_places.ts";
import { styleFor } from "./style.ts";

/** How a server is reached, as most clients write it. */
type Entry = { readonly [key: string]: Json };

/** Clients: where their configuration is, and what it looks like. */
const CLIENTS: Readonly<
  Record<
    McpClientName,
    { readonly file: string; readonly wrap: (name: string, entry: Entry) => Json; readonly http: boolean }
  >
> = {
  json: {
    file: "the client's configuration",
    wrap: (name, entry) => ({ mcpServers: { [name]: entry } }),
    http: true,
  },
  claude: {
    file: "claude_desktop_config.json (Settings, Developer, Edit Config)",
    wrap: (name, { type: _, ...entry }) => ({ mcpServers: { [name]: entry } }),
    http: false,
  },
  vscode: { file: ".vscode/mcp.json", wrap: (name, entry) => ({ servers: { [name]: entry } }), http: true },
  cursor: {
    file: ".cursor/mcp.json",
    wrap: (name, { type: _, ...entry }) => ({ mcpServers: { [name]: entry } }),
    http: true,
  },
};

/** Flags that a server is started with: all but those that only make this output. */
const LEFT_OUT: readonly FlagName[] = ["printConfig", "help", "config"];

/** Flags whose values are paths, which mean something else in another directory. */
const PATHS: readonly FlagName[] = ["allowRead", "allowWrite", "dir", "audit", "auditKey", "tokenFile"];

/** @throws {AegisError} `InvalidOption` for what a client could not start */
export function clientConfig(
  client: McpClientName,
  { parsed, plan, io }: {
    readonly parsed: ParsedCommand;
    readonly plan: McpPlan;
    readonly io: Pick<CommandIo, "err" | "locate" | "colour">;
  },
): string {
  const { file, wrap, http } = CLIENTS[client], [only, ...more] = plan.modules;
  const name = plan.name ?? (more.length === 0 ? only?.name : undefined) ?? "aegis";
  if (plan.http !== null && !http) {
    throw new AegisError(
      "InvalidOption",
      `Cannot print a configuration for ${client} with --http: it starts servers itself`,
      {
        suggestion: "Leave --http out.",
      },
    );
  }
  const entry = plan.http === null ? stdioEntry(parsed, io) : httpEntry(plan.http);
  io.err(`${styleFor(io.colour).hint("hint:")} This goes into ${file}.\n`);
  return `${JSON.stringify(wrap(name, entry), null, 2)}\n`;
}

function httpEntry({ hostname, port, token }: NonNullable<McpPlan["http"]>): Entry {
  if (port === 0) {
    throw new AegisError(
      "InvalidOption",
      "Cannot print a configuration for port 0: it is another one each time",
      {
        field: "port",
        suggestion: "Name a port.",
      },
    );
  }
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    type: "http",
    url: `http://${host}:${port}/mcp`,
    ...(token ? { headers: { Authorization: "Bearer TOKEN" } } : {}),
  };
}

/** Absolute paths, since a client starts servers in a directory of its own choice. */
function stdioEntry({ operand, flags }: ParsedCommand, { locate }: Pick<CommandIo, "locate">): Entry {
  const { deno, compiled, config, lock } = programPlaces(import.meta.resolve("./mcp_main.ts"));
  const start = compiled ? [] : [
    "run",
    "--quiet",
    "-A",
    ...(config === undefined ? [] : [`--config=${config}`]),
    ...(lock === undefined ? [] : ["--frozen", `--lock=${lock}`]),
    mainModule(),
  ];
  const manifest = flags.config === undefined ? [] : ["--config", locate(flags.config)];
  // A word that names a module of the manifest stays one.
  const module = operand === undefined ? [] : [flags.config === undefined ? locate(operand) : operand];
  return {
    type: "stdio",
    command: deno,
    args: [...start, "mcp", ...module, ...manifest, ...flagWords(flags)],
  };
}

function mainModule(): string {
  const url = new URL(Deno.mainModule);
  return url.protocol === "file:" ? Deno.realPathSync(url) : url.href;
}

function flagWords(flags: FlagValues): string[] {
  const names: readonly FlagName[] = COMMANDS.mcp.flags;
  return names.filter((name) => !LEFT_OUT.includes(name)).flatMap((name) => {
    const value: unknown = flags[name], row: FlagRow = FLAGS[name];
    if (value === undefined) return [];
    if (row.kind === "switch") return [flagText(name)];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (PATHS.includes(name)) values.forEach((path) => checkAbsolute(name, String(path)));
    return values.flatMap((one) => {
      const text = row.kind === "time" ? `${one}ms` : String(one);
      return row.alone === undefined ? [flagText(name), text] : [`${flagText(name)}=${text}`];
    });
  });
}

function checkAbsolute(name: FlagName, path: string): void {
  if (/^(?:[\\/]|[A-Za-z]:)/.test(path)) return;
  throw new AegisError(
    "InvalidOption",
    `Cannot print a configuration with ${flagText(name)} ${quote(path)}: it is relative`,
    {
      field: name,
      suggestion: "Give the absolute path: clients start servers in a directory of their own.",
    },
  );
}
