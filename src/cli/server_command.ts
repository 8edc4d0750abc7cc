/**
 * `aegis server`, first process: reads flags and policy once into a {@linkcode ServerPlan}, starts the server's process with
 * the permissions that it needs and no other, and passes signals and its status on.
 */
import { AegisError } from "../core/errors.ts";
import { LIMITS, resolveLimits } from "../core/limits.ts";
import { quote } from "../core/quote.ts";
import { parseDuration } from "../core/units.ts";
import { netPermissions } from "../policy/deno_permissions.ts";
import { mergeGrants } from "../policy/policy.ts";
import { join } from "../sandbox/path.ts";
import { readConfig } from "./config_file.ts";
import type { FlagValues } from "./flags.ts";
import { givenLimits } from "../manifest/limits.ts";
import { readGrants } from "../manifest/read_grants.ts";
import { GRANT_FLAGS } from "./limit_flags.ts";
import { mergePermissions, processArguments } from "./guest_permissions.ts";
import type { HostStart } from "./host_process.ts";
import type { CommandIo } from "./io.ts";
import { readOrigin } from "./origin.ts";
import type { ParsedCommand } from "./parse.ts";
import { capabilitiesOf, isWritable, type PlanGrants } from "../manifest/grants.ts";
import { programPlaces } from "./program_places.ts";
import { sensorFiles } from "../manifest/sensors.ts";
import {
  checkOpenServer,
  encodeServerPlan,
  SERVER_PLAN_VERSION,
  type ServerPlan,
  WEBHOOK_VARIABLE,
  webhookHost,
} from "./server_plan.ts";

const PORT = 8080, LARGEST_PORT = 65_535, GRACE = 10_000;

/** Keys of a policy: what tasks may use at most. Others say how one run is made, and would be heard by nobody. */
const POLICY_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(LIMITS),
  "preset",
  "engine",
  ...GRANT_FLAGS,
]);

/** What starts the server's process. */
export interface PlannedServer {
  readonly plan: ServerPlan;
  readonly environment: Readonly<Record<string, string>>;
}

/** Turns what was parsed into a plan. @throws {AegisError} `InvalidOption` */
export async function planServer(
  flags: FlagValues,
  io: CommandIo,
  { data, json }: { readonly data: string | null; readonly json: boolean },
): Promise<PlannedServer> {
  const policy = flags.policy === undefined ? {} : await readConfig(flags.policy, io);
  for (const key of Object.keys(policy)) {
    if (POLICY_KEYS.has(key)) continue;
    throw new AegisError(
      "InvalidOption",
      `Cannot use ${quote(key)} in a policy: it says how one run is made`,
      {
        field: "policy",
      },
    );
  }
  const { grants, environment } = readGrants(policy, io), port = Number(flags.port ?? PORT);
  if (port > LARGEST_PORT) {
    throw new AegisError("InvalidOption", `Cannot listen on port ${port}: use 0 to ${LARGEST_PORT}`, {
      field: "port",
    });
  }
  const posted = flags.alertWebhook ?? Deno.env.get(WEBHOOK_VARIABLE);
  const webhook = posted === undefined ? undefined : readWebhook(posted);
  const plan: ServerPlan = Object.freeze({
    version: SERVER_PLAN_VERSION,
    hostname: flags.host ?? "127.0.0.1",
    port,
    data,
    auth: !flags.noAuth,
    newToken: flags.newToken ?? false,
    hosts: (flags.allowHost ?? []).map((name) => name.toLowerCase()),
    origins: (flags.cors ?? []).map(readOrigin),
    limits: resolveLimits(givenLimits(policy), policy.preset ?? "standard"),
    engine: flags.engine ?? policy.engine ?? "v8",
    grants,
    webhook: webhook === undefined ? null : webhookHost(webhook),
    grace: Math.round(flags.grace === undefined ? GRACE : parseDuration(flags.grace, "grace")),
    json,
    colour: io.colour,
  });
  checkOpenServer(plan);
  checkApart(plan);
  return {
    plan,
    environment: webhook === undefined ? environment : { ...environment, [WEBHOOK_VARIABLE]: webhook },
  };
}

/** The command line of the server's process. @throws {AegisError} `InvalidOption` */
export function serverArguments(plan: ServerPlan): Pick<HostStart, "command" | "args"> {
  const places = programPlaces(import.meta.resolve("./server_main.ts")),
    { grants, data, hostname, port } = plan;
  const directories = grants.directories.map(({ host }) => host), own = data === null ? [] : [data];
  const written = grants.directories.filter(isWritable).map(({ host }) => host);
  const net = netPermissions(mergeGrants(capabilitiesOf(grants, () => undefined)));
  const posted = plan.webhook === null ? [] : [plan.webhook];
  const listening = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const paths = [...own, ...directories, ...sensorFiles(grants.sensors)],
    comma = paths.find((path) => path.includes(","));
  if (comma !== undefined) {
    throw new AegisError(
      "InvalidOption",
      `Cannot use ${quote(comma)}: a path with a comma cannot be granted`,
      {
        suggestion: "Rename it.",
      },
    );
  }
  return {
    command: places.deno,
    args: processArguments(places, {
      permissions: mergePermissions({
        read: paths,
        write: [...own, ...written],
        net: net === true ? true : [listening, ...posted, ...net],
        env: [...grants.env.map(({ from }) => from), ...posted.length === 0 ? [] : [WEBHOOK_VARIABLE]],
      }),
      plan: encodeServerPlan(plan),
    }),
  };
}

/** Runs the command; the result is the server's exit status. */
export async function server(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { flags } = parsed, json = flags.format !== undefined && flags.format !== "human";
  const data = io.makeDirectory(flags.data ?? stateDirectory());
  const { plan, environment } = await planServer(flags, io, { data, json });
  const end = await io.startHost({
    ...serverArguments(plan),
    environment,
    deadline: undefined,
    passOn: "input",
  }).ended;
  return end.status;
}

/** Where this system keeps what programs remember of a user. @throws {AegisError} `InvalidOption` */
function stateDirectory(): string {
  const { XDG_STATE_HOME, HOME, LOCALAPPDATA } = Deno.env.toObject();
  if (XDG_STATE_HOME) return join(XDG_STATE_HOME, "aegis");
  if (LOCALAPPDATA) return join(LOCALAPPDATA, "aegis");
  if (HOME) return join(HOME, ".local", "state", "aegis");
  throw new AegisError("InvalidOption", "Cannot tell where to keep tasks: this user has no home", {
    field: "data",
    suggestion: "Name a directory with --data.",
  });
}

/** What guests may reach must not be what the server keeps: its tokens and other guests' results lie there. */
function checkApart({ data, grants }: { readonly data: string | null; readonly grants: PlanGrants }): void {
  const paths = [...grants.directories.map(({ host }) => host), ...sensorFiles(grants.sensors)];
  const isIn = (inner: string, outer: string) =>
    inner === outer || inner.startsWith(outer.replace(/\/?$/, "/"));
  const near = data === null ? undefined : paths.find((path) => isIn(path, data) || isIn(data, path));
  if (near === undefined) return;
  throw new AegisError("InvalidOption", `Cannot grant ${quote(near)}: the server keeps its own data there`, {
    field: "policy",
    suggestion: "Keep the data elsewhere, with --data.",
  });
}

/** @throws {AegisError} `InvalidOption` */
function readWebhook(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "") return url.href;
  throw new AegisError(
    "InvalidOption",
    `Cannot post alerts to ${quote(text)}: give the URL of an HTTP server`,
    {
      field: "alertWebhook",
    },
  );
}
