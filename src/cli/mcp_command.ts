/**
 * `aegis mcp`, first process: reads flags and manifest once into an {@linkcode McpPlan}, and starts the process that serves,
 * on the streams of this one, with the permissions that it needs and no other.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { auditPermissions, planAudit } from "./audit_plan.ts";
import type { FlagValues } from "./flags.ts";
import {
  checkIsolation,
  deniedAddresses,
  guestPermissions,
  mergePermissions,
  processArguments,
} from "./guest_permissions.ts";
import { planGuest } from "./guest_plan.ts";
import type { CommandIo } from "./io.ts";
import {
  checkPort,
  encodeMcpPlan,
  guestsOf,
  MCP_PLAN_VERSION,
  MCP_TOKEN_VARIABLE,
  type McpHttpPlan,
  type McpModulePlan,
  type McpPlan,
  type McpToolPlan,
} from "./mcp_plan.ts";
import { readOrigin } from "./origin.ts";
import type { ParsedCommand } from "./parse.ts";
import { type ProgramPlaces, programPlaces } from "./program_places.ts";
import { STDIN } from "./read_input.ts";
import { isLoopback } from "./server_plan.ts";
import { type NamedModule, readSettings, type Settings, type ToolSettings } from "./settings.ts";

const PORT = 3000;

/** Shortest token: what nobody guesses. */
const SHORTEST_TOKEN = 16;

/** A plan, and the variables of the process that serves. */
export interface PlannedMcp {
  readonly plan: McpPlan;
  readonly environment: Readonly<Record<string, string>>;
}

/** Turns what was read into a plan. @throws {AegisError} `InvalidOption` */
export function planMcp(
  { flags, modules }: Settings,
  io: Pick<CommandIo, "locate" | "colour" | "pid" | "firstLine">,
): PlannedMcp {
  const environment: Record<string, string> = {};
  let guests = 0;
  const plan = (shown: string, given: FlagValues, sha256?: string) => {
    const planned = planGuest(shown, given, { ports: io, variables: `AEGIS_GUEST_ENV_${guests++}_`, sha256 });
    Object.assign(environment, planned.environment);
    return planned.guest;
  };
  if (modules.length === 0) {
    throw new AegisError("InvalidOption", "Cannot serve no module at all", {
      suggestion:
        "Name one: aegis mcp MODULE. Or name a manifest with modules: aegis mcp --config aegis.toml",
    });
  }
  const planned = modules.map((module): McpModulePlan => {
    if (module.shown === STDIN) {
      throw new AegisError("InvalidOption", "Cannot read the module from stdin, where clients speak", {
        suggestion: "Name its file.",
      });
    }
    const tools = Object.entries(module.tools).map(([key, tool]) => toolPlan(key, tool, module, plan));
    return { name: moduleName(module.name), guest: plan(module.shown, module.flags, module.sha256), tools };
  });
  const { http, token } = readHttp(flags, io);
  if (token !== undefined) environment[MCP_TOKEN_VARIABLE] = token;
  const served = guestsOf({ modules: planned });
  const result: McpPlan = Object.freeze({
    version: MCP_PLAN_VERSION,
    parent: io.pid,
    modules: planned,
    name: flags.name ?? null,
    only: flags.tool ?? null,
    keep: flags.keep ?? false,
    http,
    audit: planAudit(flags, io, {
      guests: served,
      files: served.flatMap(({ module: { path } }) => path ?? []),
    }),
    quiet: flags.quiet ?? false,
    json: flags.format !== undefined && flags.format !== "human",
    colour: io.colour,
  });
  return { plan: result, environment };
}

function toolPlan(
  key: string,
  { name, title, description, own, flags }: ToolSettings,
  { shown }: NamedModule,
  plan: (shown: string, flags: FlagValues) => McpModulePlan["guest"],
): McpToolPlan {
  return {
    key,
    name: name ?? null,
    title: title ?? null,
    description: description ?? null,
    guest: Object.keys(own).length === 0 ? null : plan(shown, flags),
  };
}

/** A name that tools can begin with; what else is in that of a file says nothing. */
function moduleName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64) || "module";
}

/** The flags that say something of HTTP alone. */
const HTTP_FLAGS = ["port", "host", "allowHost", "cors", "tokenFile"] as const;

function readHttp(
  flags: FlagValues,
  io: Pick<CommandIo, "firstLine">,
): { readonly http: McpHttpPlan | null; readonly token: string | undefined } {
  if (!flags.http) {
    const unused = HTTP_FLAGS.find((name) => flags[name] !== undefined);
    if (unused === undefined) return { http: null, token: undefined };
    throw new AegisError(
      "InvalidOption",
      `Cannot use ${quote(unused)} without --http: it speaks on stdin and stdout`,
      {
        field: unused,
        suggestion: "Add --http.",
      },
    );
  }
  const hostname = flags.host ?? "127.0.0.1", token = readToken(flags, io);
  if (token === undefined && !isLoopback(hostname)) {
    throw new AegisError("InvalidOption", `Cannot listen on ${hostname} without asking for a token`, {
      field: "tokenFile",
      suggestion:
        `Put one into a file for --token-file or into $${MCP_TOKEN_VARIABLE}, or listen on 127.0.0.1.`,
    });
  }
  const http: McpHttpPlan = {
    hostname,
    port: checkPort(Number(flags.port ?? PORT)),
    hosts: (flags.allowHost ?? []).map((name) => name.toLowerCase()),
    origins: (flags.cors ?? []).map(readOrigin),
    token: token !== undefined,
  };
  return { http, token };
}

function readToken(
  { tokenFile }: FlagValues,
  { firstLine }: Pick<CommandIo, "firstLine">,
): string | undefined {
  const token = tokenFile === undefined
    ? Deno.env.get(MCP_TOKEN_VARIABLE)
    : firstLine(tokenFile)?.trim() ?? "";
  if (token === undefined || token === "" && tokenFile === undefined) return undefined;
  if (token.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(token)) return token;
  const place = tokenFile === undefined ? `$${MCP_TOKEN_VARIABLE}` : quote(tokenFile);
  throw new AegisError(
    "InvalidOption",
    `Cannot use the token of ${place}: it needs ${SHORTEST_TOKEN} characters or more, without blanks`,
    { field: "tokenFile", suggestion: "Make one: openssl rand -hex 32" },
  );
}

/** The command line of the process that serves. @throws {AegisError} `InvalidOption` */
function mcpArguments(plan: McpPlan, places: ProgramPlaces): string[] {
  const guests = guestsOf(plan), { http } = plan;
  for (const guest of guests) checkIsolation(guest, places);
  const listening = http === null
    ? []
    : [`${http.hostname.includes(":") ? `[${http.hostname}]` : http.hostname}:${http.port}`];
  const permissions = mergePermissions(guestPermissions(guests, places.deno), {
    net: listening,
    env: http?.token ? [MCP_TOKEN_VARIABLE] : [],
  }, auditPermissions(plan.audit));
  return processArguments(places, {
    permissions,
    denied: deniedAddresses(guests, http?.hostname),
    plan: encodeMcpPlan(plan),
  });
}

/** Runs the command; the result is the exit status of the process that serves. */
export async function mcp(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const settings = await readSettings("mcp", parsed, io);
  const { plan, environment } = planMcp(settings, io);
  if (parsed.flags.printConfig !== undefined) {
    const { clientConfig } = await import("./mcp_config.ts");
    io.out(clientConfig(parsed.flags.printConfig, { parsed, plan, io }));
    return 0;
  }
  const places = programPlaces(import.meta.resolve("./mcp_main.ts"), "mcp.lock");
  const end = await io.startHost({
    command: places.deno,
    args: mcpArguments(plan, places),
    environment,
    deadline: undefined,
    // The client's words come in on stdin where there is no HTTP.
    passOn: plan.http === null ? "signal" : "input",
  }).ended;
  return end.status;
}
