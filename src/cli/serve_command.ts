/**
 * `aegis serve`, first process: reads flags and manifest once into a {@linkcode ServePlan}, starts the process that listens
 * with the permissions that it needs and no other, and passes signals and its status on.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { parseDuration } from "../core/units.ts";
import { resolve } from "../sandbox/path.ts";
import { auditPermissions, planAudit } from "./audit_plan.ts";
import type { FlagValues } from "./flags.ts";
import {
  checkIsolation,
  deniedAddresses,
  guestPermissions,
  type HostPermissions,
  mergePermissions,
  processArguments,
} from "./guest_permissions.ts";
import { type GuestPlan, planGuest } from "./guest_plan.ts";
import type { HostStart } from "./host_process.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { type ProgramPlaces, programPlaces } from "./program_places.ts";
import { STDIN } from "./read_input.ts";
import {
  encodeServePlan,
  refuseStdin,
  SERVE_PLAN_VERSION,
  type ServedModule,
  type ServePlan,
  variablesOf,
} from "./serve_plan.ts";
import { type NamedModule, readSettings, type Settings } from "./settings.ts";

const PORT = 8080, LARGEST_PORT = 65_535, GRACE = 10_000;

const CONCURRENCY = 4, MOST_CONCURRENCY = 128, WAITING = 256;

const REQUEST_SIZE = 8 * 1024 ** 2, RESPONSE_SIZE = 64 * 1024 ** 2;

/** What starts the process. */
export interface PlannedServe {
  readonly plan: ServePlan;
  readonly environment: Readonly<Record<string, string>>;
}

/** Turns what was read into a plan. @throws {AegisError} `InvalidOption` */
export function planServe(
  { flags, modules }: Settings,
  io: Pick<CommandIo, "locate" | "colour">,
  args: readonly string[],
): PlannedServe {
  const port = Number(flags.port ?? PORT), hostname = flags.host ?? "127.0.0.1";
  if (port > LARGEST_PORT) {
    throw new AegisError("InvalidOption", `Cannot listen on port ${port}: use 0 to ${LARGEST_PORT}`, {
      field: "port",
    });
  }
  if (modules.length === 0) {
    throw new AegisError("InvalidOption", "Cannot serve nothing: name a module, or a manifest with modules", {
      suggestion: "aegis serve MODULE, or aegis serve -c aegis.toml",
    });
  }
  const environment: Record<string, string> = {};
  const served = modules.map((module, index): ServedModule => {
    if (module.shown === STDIN) throw refuseStdin(quote(module.name));
    if (module.sha256 !== undefined && flags.reload) throw refuseReload(module.name);
    const planned = planGuest(module.shown, module.flags, {
      ports: io,
      variables: variablesOf(index),
      sha256: module.sha256,
    });
    Object.assign(environment, planned.environment);
    const guest = flags.reload ? unresolved(planned.guest) : planned.guest;
    return { name: module.name, guest, ...httpPlan(module, modules.length) };
  });
  const names = flags.allowHost ?? [], files = filesOf(flags);
  const directory = files === undefined ? null : io.locate(files.directory);
  const own = hostname.includes(":") ? `[${hostname}]` : hostname;
  const plan: ServePlan = Object.freeze({
    version: SERVE_PLAN_VERSION,
    hostname,
    port,
    hosts: names.includes("*")
      ? null
      : ["localhost", "127.0.0.1", "[::1]", own, ...names].map((name) => name.toLowerCase()),
    modules: served,
    args,
    files: directory,
    filesRoute: files?.route ?? "/static",
    accessLog: flags.accessLog ?? "human",
    audit: planAudit(flags, io, {
      guests: served.map(({ guest }) => guest),
      files: served.flatMap(({ guest: { module: { path } } }) => path ?? []),
      served: directory,
    }),
    reload: flags.reload ?? false,
    grace: Math.round(flags.grace === undefined ? GRACE : parseDuration(flags.grace, "grace")),
    json: flags.format !== undefined && flags.format !== "human",
    colour: io.colour,
  });
  return { plan, environment };
}

/** A link on the way to a module that is watched may be led elsewhere: it is followed at each look. */
function unresolved({ module, ...guest }: GuestPlan): GuestPlan {
  return { ...guest, module: { ...module, path: resolve(module.shown) } };
}

/** What has one hash is not replaced while it runs. */
function refuseReload(name: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot reload module ${quote(name)}: its manifest says what it hashes to`,
    { field: `modules.${name}.sha256`, suggestion: "Leave --reload out, or sha256." },
  );
}

function httpPlan({ name, http }: NamedModule, modules: number): Omit<ServedModule, "name" | "guest"> {
  const concurrency = Number(http.concurrency ?? CONCURRENCY);
  if (concurrency < 1 || concurrency > MOST_CONCURRENCY) {
    throw new AegisError(
      "InvalidOption",
      `Cannot work on ${concurrency} requests at once: use 1 to ${MOST_CONCURRENCY}`,
      {
        field: "concurrency",
      },
    );
  }
  return {
    form: http.form ?? null,
    route: http.route ?? (modules === 1 ? "/" : `/${encodeURIComponent(name)}`),
    reuse: http.reuse ?? false,
    concurrency,
    waiting: Number(http.waiting ?? WAITING),
    requestSize: http.requestSize ?? REQUEST_SIZE,
    responseSize: http.responseSize ?? RESPONSE_SIZE,
    heldSize: http.heldSize ?? null,
    authorization: http.passAuthorization ?? false,
  };
}

/** `DIR`, or `/path=DIR`. */
function filesOf(flags: FlagValues): { readonly route: string; readonly directory: string } | undefined {
  if (flags.static === undefined) return undefined;
  const [, route, directory] = /^(\/[^=]*)=(.+)$/s.exec(flags.static) ?? [];
  return route === undefined || directory === undefined
    ? { route: "/static", directory: flags.static }
    : { route, directory };
}

/** What the process may do until it listens. @throws {AegisError} `InvalidOption` */
export function servePermissions(plan: ServePlan, deno: string): HostPermissions {
  const { hostname, port, files, modules } = plan;
  if (files?.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot serve ${quote(files)}: a path with a comma cannot be granted`,
      {
        field: "static",
        suggestion: "Rename it.",
      },
    );
  }
  return mergePermissions(guestPermissions(modules.map(({ guest }) => guest), deno), {
    read: files === null ? [] : [files],
    net: [`${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`],
  }, auditPermissions(plan.audit));
}

/**
 * The command line of the process that listens. Addresses that guests may not reach are denied to all of it, but for the one
 * that it listens on, which Deno would refuse with them.
 *
 * @throws {AegisError} `InvalidOption`, `UnsupportedPlatform`
 */
function serveArguments(
  plan: ServePlan,
  places: ProgramPlaces = programPlaces(import.meta.resolve("./serve_main.ts")),
): Pick<HostStart, "command" | "args"> {
  for (const { guest } of plan.modules) checkIsolation(guest, places);
  return {
    command: places.deno,
    args: processArguments(places, {
      permissions: servePermissions(plan, places.deno),
      denied: deniedAddresses(plan.modules.map(({ guest }) => guest), plan.hostname),
      plan: encodeServePlan(plan),
    }),
  };
}

/** Runs the command; the result is the exit status of the process that listens. */
export async function serve(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { plan, environment } = planServe(await readSettings("serve", parsed, io), io, parsed.args);
  const end = await io.startHost({
    ...serveArguments(plan),
    environment,
    deadline: undefined,
    passOn: "input",
  }).ended;
  return end.status;
}
