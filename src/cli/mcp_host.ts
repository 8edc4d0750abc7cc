/**
 * `aegis mcp`, second process: reads the modules, starts the brokers, listens, gives up its permissions, and only then makes
 * guests and serves. On standard input and output the latter belongs to the protocol: nothing else prints there.
 */
import { AegisError } from "../core/errors.ts";
import { Aegis } from "../sandbox/aegis.ts";
import type { SandboxOptions } from "../sandbox/aegis_options.ts";
import type { HttpServer } from "../server/http_server.ts";
import type { McpAuditRecord } from "../wrappers/mcp/audit.ts";
import type { McpHttpHandler } from "../wrappers/mcp/http_handler.ts";
import { type McpServer, mcpServer } from "../wrappers/mcp/mcp_server.ts";
import type { McpModule, McpToolOptions } from "../wrappers/mcp/options.ts";
import { type StdioStreams, StdioTransport } from "../wrappers/mcp/stdio_transport.ts";
import type { AuditLog } from "../sandbox/audit_log.ts";
import { auditKept, auditPermissions } from "./audit_plan.ts";
import { guestPermissions, mergePermissions } from "./guest_permissions.ts";
import { type GuestPlan, runtimeOptions } from "./guest_plan.ts";
import { ServedAudit, warner } from "./host_audit.ts";
import { revokePermissions } from "./host_permissions.ts";
import type { CommandIo } from "./io.ts";
import {
  guestsOf,
  MCP_TOKEN_VARIABLE,
  type McpHttpPlan,
  type McpModulePlan,
  type McpPlan,
} from "./mcp_plan.ts";
import { noteOf } from "./mcp_note.ts";
import { toBinary } from "./module_input.ts";
import { printable, printableJson } from "./printable.ts";
import { readGuestModule } from "./guest_module.ts";
import { sensorFiles } from "../manifest/sensors.ts";
import { styleFor } from "./style.ts";
import { unheard } from "./unheard.ts";

/** Guests at once of each module: their memories together take no more than so many bytes, if each takes all that it may. */
const GUEST_MEMORY = 2 * 1024 ** 3, MOST_GUESTS = 8;

/** Milliseconds in which answers that are under way come to their end. */
const ANSWERS_GRACE = 1000;

/** A server that runs. */
export interface RunningMcp {
  /** Ends when the only client has gone; over HTTP only when it is closed. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** What it may touch of its process. */
export type McpIo = Pick<CommandIo, "out" | "err"> & { readonly stdio: StdioStreams };

/** Starts a server. @throws {AegisError} as the library, and what the system says of files and ports */
export async function startMcp(plan: McpPlan, io: McpIo): Promise<RunningMcp> {
  const runtimes: Aegis[] = [];
  const audit = await ServedAudit.open(plan.audit, warner(plan, io));
  const start = async (guest: GuestPlan) => {
    const runtime = await Aegis.create({
      ...runtimeOptions(guest, (name) => Deno.env.get(name)),
      ...audit.option,
    });
    runtimes.push(runtime);
    return runtime;
  };
  const given = await Promise.all(plan.modules.map((module) => readModule(module, start)));
  const token = plan.http?.token ? Deno.env.get(MCP_TOKEN_VARIABLE) : undefined;
  const handling = Promise.withResolvers<McpHttpHandler>();
  const http = plan.http === null ? undefined : await listen(plan.http, handling.promise);
  revoke(plan);
  const modules = await Promise.all(given.map((module) => toMcp(module, plan, io)));
  const hashes = await hashesOf(modules);
  const server = await mcpServer(modules, {
    keep: plan.keep,
    guests: guestsAtOnce(guestsOf(plan)),
    ...(plan.name === null ? {} : { name: plan.name }),
    ...(plan.only === null ? {} : { only: plan.only }),
    onAudit: (record) => tellAudit(record, { plan, io, log: audit.log, hashes }),
  });
  if (!plan.quiet) {
    for (const note of server.notes) io.err(`${styleFor(plan.colour).warn("warning:")} ${printable(note)}\n`);
  }
  const end = async (others: () => Promise<void>) => {
    await others();
    await server.close();
    await Promise.all(runtimes.map((runtime) => runtime.close()));
    const failure = audit.close();
    if (failure !== undefined) throw failure;
  };
  if (http === undefined || plan.http === null) return await serveStdio(server, io.stdio, end);
  return await serveHttp(server, { http, plan: plan.http, token, json: plan.json, handling, io, end });
}

async function serveStdio(
  server: McpServer,
  stdio: StdioStreams,
  end: (others: () => Promise<void>) => Promise<void>,
): Promise<RunningMcp> {
  const session = await server.connect(new StdioTransport(stdio), "stdio");
  return { ended: session.ended, close: () => end(() => session.close()) };
}

async function serveHttp(
  server: McpServer,
  { http, plan, token, json, handling, io, end }: {
    readonly http: HttpServer;
    readonly plan: McpHttpPlan;
    readonly token: string | undefined;
    readonly json: boolean;
    readonly handling: PromiseWithResolvers<McpHttpHandler>;
    readonly io: McpIo;
    readonly end: (others: () => Promise<void>) => Promise<void>;
  },
): Promise<RunningMcp> {
  const { mcpHttpHandler } = await import("../wrappers/mcp/http_handler.ts");
  const handler = await mcpHttpHandler(server, {
    hosts: ["localhost", "127.0.0.1", "[::1]", hostText(plan.hostname).toLowerCase(), ...plan.hosts],
    origins: plan.origins,
    ...(token === undefined ? {} : { token }),
  });
  handling.resolve(handler);
  const url = `http://${hostText(plan.hostname)}:${http.port}/mcp`;
  if (json) io.out(`${JSON.stringify({ url, pid: Deno.pid })}\n`);
  else {
    const asks = plan.token ? "asked for" : "not asked for: every program on this machine may call the tools";
    io.out(`${"Aegis serves MCP on".padEnd(20)} ${url}\n${"Token".padEnd(20)} ${asks}\n`);
  }
  const never = Promise.withResolvers<void>();
  const close = () =>
    end(async () => {
      await handler.close();
      await http.close(ANSWERS_GRACE);
    });
  return { ended: never.promise, close };
}

function hostText(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** A module as it was read, with a runtime for each set of limits and grants. */
interface StartedModule {
  readonly plan: McpModulePlan;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly runtime: Aegis;
  /** By the key of the tool. */
  readonly tools: ReadonlyMap<string, Aegis>;
}

async function readModule(
  plan: McpModulePlan,
  start: (guest: GuestPlan) => Promise<Aegis>,
): Promise<StartedModule> {
  if (plan.guest.module.path === null) {
    throw new AegisError("InvalidOption", "Cannot read the module from stdin");
  }
  const bytes = await readGuestModule(plan.guest), tools = new Map<string, Aegis>();
  for (const { key, guest } of plan.tools) if (guest !== null) tools.set(key, await start(guest));
  return { plan, bytes, runtime: await start(plan.guest), tools };
}

/** The module as the library takes it; text is translated now that nothing can be reached any more. */
async function toMcp(
  { plan, bytes, runtime, tools }: StartedModule,
  { colour, quiet }: McpPlan,
  io: McpIo,
): Promise<McpModule> {
  const { name, guest } = plan, style = styleFor(colour);
  const tell = (what: string, text: string) => {
    if (!quiet) io.err(`${what} ${printable(`${name}: ${text}`)}\n`);
  };
  const sandbox: SandboxOptions = {
    onLog: ({ level, message }) => tell(style.faint(`log ${level}:`), message),
    onAlert: ({ level, message }) => tell(style.warn(`alert ${level}:`), message),
  };
  const { bytes: binary } = await toBinary(bytes, guest.module.shown);
  const options = plan.tools.map(({ key, name, title, description }): [string, McpToolOptions] => {
    const own = tools.get(key);
    return [key, {
      ...(name === null ? {} : { name }),
      ...(title === null ? {} : { title }),
      ...(description === null ? {} : { description }),
      ...(own === undefined ? {} : { runtime: own }),
    }];
  });
  return { name, bytes: binary, runtime, sandbox, tools: Object.fromEntries(options) };
}

function guestsAtOnce(guests: readonly GuestPlan[]): number {
  const memory = guests.reduce((sum, { limits }) => sum + limits.memoryLimit + 2 ** 24, 0);
  const allowed = guests.map(({ maxSandboxes }) => maxSandboxes ?? MOST_GUESTS);
  return Math.max(1, Math.min(MOST_GUESTS, Math.floor(GUEST_MEMORY / memory), ...allowed));
}

/** SHA-256 of modules by their names, as the log has them. */
async function hashesOf(modules: readonly McpModule[]): Promise<ReadonlyMap<string, string>> {
  const pairs = modules.map(async ({ name, bytes }) =>
    [name, new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes))).toHex()] as const
  );
  return new Map(await Promise.all(pairs));
}

/** In the log where there is one, else on stderr. */
function tellAudit(
  record: McpAuditRecord,
  { plan, io, log, hashes }: {
    readonly plan: McpPlan;
    readonly io: McpIo;
    readonly log: AuditLog | undefined;
    readonly hashes: ReadonlyMap<string, string>;
  },
): void {
  if (log !== undefined) log.note("request", noteOf(record, hashes));
  else if (!plan.quiet) io.err(`${printableJson(JSON.stringify(record))}\n`);
}

async function listen(plan: McpHttpPlan, handler: Promise<McpHttpHandler>): Promise<HttpServer> {
  try {
    const { listenHttp } = await import("../server/http_server.ts");
    return await listenHttp(
      { fetch: async (request: Request) => await (await handler).fetch(request) },
      plan,
    );
  } catch (error) {
    throw unheard(plan, error);
  }
}

/** Gives up all that brokers, files and the socket needed. */
function revoke(plan: McpPlan): void {
  const guests = guestsOf(plan),
    isolation = guests.some((guest) => guest.isolation === "process") ? "process" : "worker";
  const logged = auditKept(plan.audit);
  revokePermissions(isolation, {
    granted: mergePermissions(guestPermissions(guests, Deno.execPath()), auditPermissions(plan.audit)),
    kept: {
      read: [...guests.flatMap(({ grants }) => sensorFiles(grants.sensors)), ...logged.read ?? []],
      write: logged.write ?? [],
    },
    whole: "refused",
  });
}
