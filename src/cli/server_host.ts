/**
 * `aegis server`, second process: starts the brokers, opens the store, listens, and gives up every permission but that to
 * its own data. Called by `server_main.ts`.
 */
import { AegisError } from "../core/errors.ts";
import { UNLIMITED_FUEL } from "../core/limits.ts";
import { Aegis } from "../sandbox/aegis.ts";
import { join } from "../sandbox/path.ts";
import { SYSTEM_TIMERS } from "../sandbox/timers.ts";
import { type HttpServer, listenHttp } from "../server/http_server.ts";
import { serverApp, type ServerParts } from "../server/server_app.ts";
import { AlertWebhook } from "../server/alert_webhook.ts";
import { type TokenFile, Tokens } from "../server/tokens.ts";
import { TaskManager } from "../tasks/task_manager.ts";
import type { CommandIo } from "./io.ts";
import { capabilitiesOf } from "../manifest/grants.ts";
import { netPermissions } from "../policy/deno_permissions.ts";
import { mergeGrants } from "../policy/policy.ts";
import { PROCESS_METERS } from "./process_meters.ts";
import { printable } from "./printable.ts";
import { type ServerPlan, WEBHOOK_VARIABLE } from "./server_plan.ts";
import { styleFor } from "./style.ts";
import { unheard } from "./unheard.ts";
import { VERSION } from "./version.ts";

/** Requests of one address: what a busy client needs. */
const RATE = { perSecond: 5000, burst: 10_000 } as const;

/** Milliseconds in which answers that are under way come to their end. */
const ANSWERS_GRACE = 2000;

/** Guests at once: their memories together take no more than so many bytes, if each takes all that it may. */
const GUEST_MEMORY = 2 * 1024 ** 3, LEAST_GUESTS = 4, MOST_GUESTS = 64;

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  /** Takes no more work, lets what is under way end or saves it, and ends. */
  close(): Promise<void>;
}

/** Starts a server. @throws {AegisError} as the library, and what the system says of the port or the data */
export async function startServer(
  plan: ServerPlan,
  io: Pick<CommandIo, "out" | "err">,
): Promise<RunningServer> {
  const style = styleFor(plan.colour),
    warn = (text: string) => io.err(`${style.warn("warning:")} ${printable(text)}\n`);
  const { fuelLimit, memoryLimit } = plan.limits;
  const guests = Math.max(
    LEAST_GUESTS,
    Math.min(MOST_GUESTS, Math.floor(GUEST_MEMORY / (memoryLimit + 2 ** 24))),
  );
  const runtime = await Aegis.create({
    ...plan.limits,
    fuelLimit: fuelLimit === UNLIMITED_FUEL ? "unlimited" : fuelLimit,
    engine: plan.engine,
    isolation: "worker", // whose flag stands on this process's command line
    maxSandboxes: 2 * guests + 16,
    capabilities: capabilitiesOf(plan.grants, (name) => Deno.env.get(name)),
  });
  const store = plan.data === null ? {} : { store: privateFile(join(plan.data, "tasks.db")) };
  const tasks = TaskManager.open(runtime, { ...store, guests });
  const { tokens, secret } = openTokens(plan);
  const webhookUrl = plan.webhook === null ? undefined : Deno.env.get(WEBHOOK_VARIABLE);
  const webhook = webhookUrl === undefined ? undefined : webhookTo(webhookUrl, warn);
  tasks.subscribe((event) => {
    if (event.type === "store_error") warn(`the database failed: ${event.error}`);
    if (event.type === "alert") webhook?.send(event);
  });
  let closing: Promise<void> | undefined;
  const parts = serverApp({
    tasks,
    tokens,
    runtime,
    version: VERSION,
    meters: { process: PROCESS_METERS, timers: SYSTEM_TIMERS },
    now: () => Date.now(),
    isReady: () => closing === undefined,
    onInternal: (error) =>
      warn(`an answer failed: ${error instanceof Error ? error.stack ?? error.message : error}`),
    guard: {
      tokens: plan.auth ? tokens : undefined,
      hosts: ["localhost", "127.0.0.1", "[::1]", plan.hostname.toLowerCase(), ...plan.hosts],
      origins: plan.origins,
      rate: RATE,
      now: () => performance.now(),
    },
  });
  let http: HttpServer;
  try {
    http = await listenHttp(parts.app, plan);
  } catch (error) {
    parts.close();
    await tasks.close({ grace: 0 }); // what it had begun goes on with the next server
    await runtime.close();
    // Its secret was told to nobody: the next server makes another, rather than none.
    if (secret !== undefined) tokens.clear();
    throw unheard(plan, error);
  }
  revoke(plan);
  const host = plan.hostname.includes(":") ? `[${plan.hostname}]` : plan.hostname,
    url = `http://${host}:${http.port}`;
  if (plan.json) io.out(`${JSON.stringify({ url, token: secret ?? null, pid: Deno.pid })}\n`);
  else io.out(greeting({ url, secret, plan }));
  return { url, close: () => closing ??= shutDown({ http, parts, tasks, runtime, webhook, plan }) };
}

/** Makes a file that nobody else may read, unless it is there. What SQLite puts beside its file gets the same mode. */
function privateFile(path: string): string {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  return path;
}

interface ServerResources {
  readonly http: HttpServer;
  readonly parts: ServerParts;
  readonly tasks: TaskManager;
  readonly runtime: Aegis;
  readonly webhook: AlertWebhook | undefined;
  readonly plan: ServerPlan;
}

async function shutDown({ http, parts, tasks, runtime, webhook, plan }: ServerResources): Promise<void> {
  await tasks.close({ grace: plan.grace }); // `ready` says so meanwhile, and nobody starts anything
  await webhook?.close();
  parts.close();
  await http.close(ANSWERS_GRACE);
  await runtime.close();
}

/** The tokens, and the secret of the one that was made for want of any. */
function openTokens(
  { data, auth, newToken }: ServerPlan,
): { readonly tokens: Tokens; readonly secret?: string } {
  const tokens = new Tokens(data === null ? memoryFile() : tokenFile(join(data, "tokens.json")));
  if (newToken) tokens.clear();
  if (!auth || tokens.list().length > 0) return { tokens };
  return { tokens, secret: tokens.add("admin", "admin", Date.now()) };
}

function memoryFile(): TokenFile {
  let text: string | undefined;
  return { read: () => text, write: (next) => void (text = next) };
}

/** A file that nobody else may read; it is replaced as a whole. Writing throws {AegisError} `StoreFailed`. */
export function tokenFile(path: string): TokenFile {
  return {
    read: () => {
      try {
        return Deno.readTextFileSync(path);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      }
    },
    write: (text) => {
      const next = `${path}.new`;
      try {
        writeWhole(next, text);
        Deno.renameSync(next, path);
      } catch (cause) {
        try {
          Deno.removeSync(next);
        } catch {
          // it had not come to be
        }
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new AegisError("StoreFailed", `Cannot keep the tokens: ${reason}`, {
          suggestion: "Make room on the disk.",
          cause,
        });
      }
    },
  };
}

/** On the disk before it gets its name: a token that was told must not be gone with the power. */
function writeWhole(path: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  using file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}

/** Posts to a URL, and nowhere else: a redirect is a failure. */
function webhookTo(url: string, onLost: (reason: string) => void): AlertWebhook {
  return new AlertWebhook({
    onLost,
    post: async (body, signal) => {
      const headers = { "Content-Type": "application/json" };
      const response = await fetch(url, { method: "POST", body, headers, signal, redirect: "error" });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answers ${response.status}`);
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
      }),
  });
}

/**
 * Gives up what the brokers and the socket needed: this process reads and writes its data, reads the files of sensors, posts
 * to its webhook, and nothing else.
 */
function revoke({ grants, webhook, hostname, port }: ServerPlan): void {
  if (webhook === null) Deno.permissions.revokeSync({ name: "net" });
  else {
    const policy = mergeGrants(capabilitiesOf(grants, () => undefined)), granted = netPermissions(policy);
    const hosts = [`${hostname}:${port}`, ...granted === true ? [] : granted].filter((host) =>
      host !== webhook
    );
    for (const host of hosts) Deno.permissions.revokeSync({ name: "net", host });
  }
  for (const name of ["env", "sys", "run", "ffi", "import"] as const) Deno.permissions.revokeSync({ name });
  // It still looks up where grants of tasks lead, which may be narrower than these; to change anything is the broker's.
  for (const { host } of grants.directories) Deno.permissions.revokeSync({ name: "write", path: host });
}

function greeting(
  { url, secret, plan }: {
    readonly url: string;
    readonly secret: string | undefined;
    readonly plan: ServerPlan;
  },
): string {
  const lines = [
    ["Aegis listens on", url],
    ["Dashboard", `${url}/`],
    ["API document", `${url}/api/v1/openapi.json`],
    ["Data", plan.data === null ? "in memory: gone with this process" : printable(plan.data)],
    ["Tokens", plan.auth ? "asked for" : "not asked for: whoever reaches the port may do everything"],
    ...(secret === undefined ? [] : [["New token", `${secret}  (shown this once)`]]),
  ];
  return lines.map(([name = "", value]) => `${name.padEnd(18)}${value}\n`).join("");
}
