/**
 * `aegis serve`, second process: loads the modules, starts the brokers, listens, and gives up every permission but to read
 * the files that it serves and the modules that it watches. Called by `serve_main.ts`.
 */
import type { AuditLog } from "../sandbox/audit_log.ts";
import type { AegisModule } from "../sandbox/module.ts";
import { Aegis } from "../sandbox/aegis.ts";
import { type HttpServer, listenHttp } from "../server/http_server.ts";
import { type AccessEntry, accessJson, accessLine } from "../wrappers/http/access_log.ts";
import type { LogEntry } from "../wrappers/http/guest_log.ts";
import { type HttpHandler, httpHandler } from "../wrappers/http/http_handler.ts";
import type { HttpRequestInfo } from "../wrappers/http/http_exchange.ts";
import { httpSite } from "../wrappers/http/http_site.ts";
import { staticFiles } from "../wrappers/http/static_files.ts";
import { auditKept } from "./audit_plan.ts";
import { FileWatch } from "./file_watch.ts";
import { runtimeOptions } from "./guest_plan.ts";
import { ServedAudit, warner } from "./host_audit.ts";
import { revokePermissions } from "./host_permissions.ts";
import type { CommandIo } from "./io.ts";
import { toBinary } from "./module_input.ts";
import { unheard } from "./unheard.ts";
import { printable } from "./printable.ts";
import { readGuestModule } from "./guest_module.ts";
import { sensorFiles } from "../manifest/sensors.ts";
import { servePermissions } from "./serve_command.ts";
import type { ServedModule, ServePlan } from "./serve_plan.ts";
import { type Style, styleFor } from "./style.ts";

/** Milliseconds in which answers that are under way come to their end, when their guests have. */
const ANSWERS_GRACE = 1000;

/** A site that runs. */
export interface RunningSite {
  readonly url: string;
  /** Takes no more requests, lets those that are under way end, and ends. */
  close(): Promise<void>;
}

/** One module in service. */
interface Serving {
  readonly served: ServedModule;
  readonly runtime: Aegis;
  readonly handler: HttpHandler;
  /** SHA-256 of the module that answers by now. */
  hash: string;
}

type SiteIo = Pick<CommandIo, "out" | "err">;

/** Starts a site. @throws {AegisError} as the library, and what the system says of the port */
export async function startSite(plan: ServePlan, io: SiteIo): Promise<RunningSite> {
  const style = styleFor(plan.colour), log = (entry: LogEntry) => io.err(logLine(entry, style));
  const serving: Serving[] = [];
  const audit = await ServedAudit.open(plan.audit, warner({ ...plan, quiet: false }, io));
  let http: HttpServer;
  try {
    for (const served of plan.modules) serving.push(await startModule(served, { plan, log, audit }));
    const files = plan.files === null ? undefined : staticFiles(plan.files, { route: plan.filesRoute });
    const site = httpSite({
      modules: serving.map(({ handler }) => handler),
      ...(files === undefined ? {} : { files }),
      ...(plan.hosts === null ? {} : { hosts: plan.hosts }),
      onAccess: onAccess(plan, { io, audit: audit.log, serving }),
    });
    http = await listenHttp({
      fetch: (request, env) => site.fetch(request, connectionOf(env)),
      refuse: (request, env, fault) => site.fetch(request, { ...connectionOf(env), fault }),
    }, plan);
  } catch (error) {
    for (const { runtime } of serving) await runtime.close();
    audit.close();
    throw unheard(plan, error);
  }
  revoke(plan);
  const watch = plan.reload ? watchModules(serving, { plan, log }) : undefined;
  const host = plan.hostname.includes(":") ? `[${plan.hostname}]` : plan.hostname,
    url = `http://${host}:${http.port}`;
  io.out(
    plan.json
      ? `${JSON.stringify({ url, pid: Deno.pid, modules: described(serving) })}\n`
      : greeting(url, plan, serving),
  );
  let closing: Promise<void> | undefined;
  return {
    url,
    close: () =>
      closing ??= (async () => {
        watch?.stop();
        const closed = http.close(plan.grace + ANSWERS_GRACE);
        await Promise.all(serving.map(({ handler }) => handler.close({ grace: plan.grace })));
        await closed;
        await Promise.all(serving.map(({ runtime }) => runtime.close()));
        const failure = audit.close();
        if (failure !== undefined) throw failure;
      })(),
  };
}

async function startModule(
  served: ServedModule,
  { plan, log, audit }: {
    readonly plan: ServePlan;
    readonly log: (entry: LogEntry) => void;
    readonly audit: ServedAudit;
  },
): Promise<Serving> {
  const { guest, name, form, heldSize, ...http } = served;
  const runtime = await Aegis.create({
    ...runtimeOptions(guest, (variable) => Deno.env.get(variable)),
    ...audit.option,
  });
  try {
    const module = await loadModule(runtime, served);
    const handler = httpHandler(runtime, module, {
      name,
      ...(form === null ? {} : { form }),
      ...http,
      ...(heldSize === null ? {} : { heldSize }),
      timeout: guest.limits.timeout,
      env: environmentOf(guest),
      args: [guest.module.shown.replace(/^.*\//, ""), ...plan.args],
      onLog: log,
    });
    await handler.ready();
    return { served, runtime, handler, hash: module.hash };
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** Variables that the guest is granted: no header of a client's stands above them. */
function environmentOf({ grants }: ServedModule["guest"]): Record<string, string> {
  return Object.fromEntries(grants.env.flatMap(({ name, from }) => {
    const value = Deno.env.get(from);
    return value === undefined ? [] : [[name, value]];
  }));
}

async function loadModule(runtime: Aegis, { guest }: ServedModule): Promise<AegisModule> {
  const { bytes } = await toBinary(await readGuestModule(guest), guest.module.shown);
  return await runtime.loadBytes(bytes);
}

/** Takes modules anew whose files change. One that is broken changes nothing, and that is said. */
function watchModules(
  serving: readonly Serving[],
  { plan, log }: { readonly plan: ServePlan; readonly log: (entry: LogEntry) => void },
): { stop(): void } {
  const watches = serving.map((one) => {
    const { served, runtime, handler } = one;
    const tell = (text: string) => log({ module: served.name, kind: "notice", text });
    return new FileWatch(served.guest.module.path ?? "", async () => {
      try {
        const module = await loadModule(runtime, served);
        await handler.reload(module, { grace: plan.grace });
        one.hash = module.hash;
        tell("the file has changed: the new module answers");
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        tell(`the file has changed, and the old module goes on answering: ${reason}`);
      }
    });
  });
  return { stop: () => watches.forEach((watch) => watch.stop()) };
}

/** What is known of a request's connection, as node-server tells it. */
function connectionOf(env: unknown): HttpRequestInfo {
  const { incoming } = (env ?? {}) as {
    incoming?: { socket?: { remoteAddress?: string }; httpVersion?: string };
  };
  return {
    remoteAddr: { hostname: incoming?.socket?.remoteAddress ?? "" },
    httpVersion: incoming?.httpVersion ?? "1.1",
  };
}

/** A line for each request, and a record for each that a module was asked for: who only knocks fills no log. */
function onAccess(
  { accessLog: form }: ServePlan,
  { io, audit, serving }: {
    readonly io: SiteIo;
    readonly audit: AuditLog | undefined;
    readonly serving: readonly Serving[];
  },
): (entry: AccessEntry) => void {
  const line = form === "json" ? accessJson : accessLine;
  return (entry) => {
    if (form !== "off") io.out(`${line(entry)}\n`);
    if (audit === undefined || entry.module === undefined) return;
    const { remote, method, target, status, bytes, duration, module } = entry;
    const hash = serving.find(({ handler: { name } }) => name === module)?.hash;
    audit.note("request", {
      ...(hash === undefined ? {} : { module: hash }),
      // Queries are where clients put what nobody else is to know.
      detail: {
        client: remote,
        method,
        path: target.replace(/\?.*$/s, ""),
        status,
        bytes,
        duration: Math.round(duration),
        name: module,
      },
    });
  };
}

/** What a guest says is marked as its own. */
function logLine({ module, kind, text }: LogEntry, style: Style): string {
  const name = printable(module), shown = printable(text);
  if (kind === "guest") return `${style.faint(`${name}:`)} ${shown}\n`;
  return `${style.warn(kind === "failure" ? "failed:" : "note:")} ${name}: ${shown}\n`;
}

/** Brokers keep what they were started with; the socket that listens needs nothing more. */
function revoke(plan: ServePlan): void {
  const isolation = plan.modules.some(({ guest }) => guest.isolation === "process") ? "process" : "worker";
  const sensors = plan.modules.flatMap(({ guest }) => sensorFiles(guest.grants.sensors));
  const watched = plan.reload
    ? plan.modules.flatMap(({ guest: { module: { path } } }) => path === null ? [] : [path])
    : [];
  const logged = auditKept(plan.audit);
  revokePermissions(isolation, {
    granted: servePermissions(plan, Deno.execPath()),
    kept: {
      read: [...sensors, ...watched, ...plan.files === null ? [] : [plan.files], ...logged.read ?? []],
      write: logged.write ?? [],
    },
    whole: "refused",
  });
}

function described(serving: readonly Serving[]): readonly { name: string; route: string; form: string }[] {
  return serving.map(({ handler: { name, route, form } }) => ({ name, route: `${route}/`, form }));
}

function greeting(url: string, plan: ServePlan, serving: readonly Serving[]): string {
  const lines = [
    ["Aegis listens on", url],
    ...described(serving).map((
      { name, route, form },
    ) => [printable(route), `${printable(name)}, by ${form}`]),
    ...(plan.files === null ? [] : [[printable(plan.filesRoute), `files of ${printable(plan.files)}`]]),
  ];
  return lines.map(([name = "", value]) => `${name.padEnd(18)}${value}\n`).join("");
}
