/** The command line of the host process: what it may do stands here and nowhere else. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { deniedNet, netPermissions } from "../policy/deno_permissions.ts";
import type { Policy } from "../policy/grants.ts";
import { mergeGrants } from "../policy/policy.ts";
import { checkpointPaths } from "./checkpoints.ts";
import { capabilitiesOf } from "./plan_grants.ts";
import { sensorFiles } from "./sensor_flag.ts";
import { encodePlan, type RunPlan } from "./run_plan.ts";

/** Where the parts of this program lie. */
export interface ProgramPlaces {
  /** The `deno` to start. */
  readonly deno: string;
  /** Whether that is no `deno`, but this program as a binary of its own. */
  readonly compiled: boolean;
  /** URL of the host process's entry. */
  readonly entry: string;
  /** The configuration that maps its imports, and the lock; absent where the entry was published, and its imports. */
  readonly config: string | undefined;
  readonly lock: string | undefined;
}

/** Where they lie for a process of this entry. @param entry its URL */
export function programPlaces(entry: string): ProgramPlaces {
  const cloned = entry.startsWith("file:");
  return {
    deno: Deno.execPath(),
    compiled: Deno.build.standalone,
    entry,
    config: cloned ? Deno.realPathSync(new URL("../../deno.json", entry)) : undefined,
    lock: cloned ? Deno.realPathSync(new URL("../../deno.lock", entry)) : undefined,
  };
}

/** Deno permissions by kind: paths, names, hosts. */
export interface HostPermissions {
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** `true` for every host, where no list can say what is granted. */
  readonly net: true | readonly string[];
  readonly env: readonly string[];
  /** Programs that it may start. */
  readonly run: readonly string[];
}

/**
 * What the host process may do until it has started the brokers: read the one module, write the file of a trace or a
 * profile, and what the plan grants. A
 * directory that may be written must be readable, too, for the broker to prove where a path leads.
 *
 * @param deno what starts the guest's process, where it has one; the one permission that is kept while it runs
 * @throws {AegisError} `InvalidOption` for a path with a comma, which would grant two other paths
 */
export function hostPermissions(
  { module, grants, isolation, checkpoint, watch }: RunPlan,
  deno: string,
): HostPermissions {
  const { path, shown } = module, { directories } = grants;
  const saved = checkpoint === null ? [] : checkpointPaths(checkpoint.path);
  if (path?.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot read ${quote(shown)}: a path with a comma cannot be granted for reading`,
      { suggestion: `Rename it, or pass it on stdin: aegis run - < ${quote(shown)}` },
    );
  }
  if (checkpoint?.path.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot write ${quote(checkpoint.shown)}: a path with a comma cannot be granted`,
      { field: "checkpoint", suggestion: "Choose another name." },
    );
  }
  const file = watch?.file ?? null;
  if (file?.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot write ${quote(file)}: a path with a comma cannot be granted for writing`,
      { suggestion: "Give it another name." },
    );
  }
  const comma = directories.find(({ host }) => host.includes(","));
  if (comma !== undefined) {
    throw new AegisError(
      "InvalidOption",
      `Cannot grant ${quote(comma.host)}: a path with a comma cannot be granted`,
      {
        suggestion: "Rename it, or grant what is above it.",
      },
    );
  }
  const files = sensorFiles(grants.sensors), named = files.find((name) => name.includes(","));
  if (named !== undefined) {
    throw new AegisError(
      "InvalidOption",
      `Cannot read sensor file ${quote(named)}: a path with a comma cannot be granted`,
      { field: "sensor", suggestion: "Rename it." },
    );
  }
  return {
    read: [
      ...new Set([
        ...path === null ? [] : [path],
        ...saved,
        ...directories.map(({ host }) => host),
        ...files,
      ]),
    ],
    write: [
      ...new Set([
        ...saved,
        ...file === null ? [] : [file],
        ...directories.filter(({ rights }) => rights !== "read").map(({ host }) => host),
      ]),
    ],
    net: netPermissions(policyOf(grants)),
    env: [...new Set(grants.env.map(({ from }) => from))],
    run: isolation === "process" ? [deno] : [],
  };
}

function permissionFlags(plan: RunPlan, deno: string): string[] {
  const permissions = hostPermissions(plan, deno);
  const kinds = Object.keys(permissions) as (keyof HostPermissions)[]; // its own keys
  const allowed = kinds.flatMap((kind) => {
    const granted = permissions[kind];
    if (granted === true) return [`--allow-${kind}`];
    return granted.length === 0 ? [] : [`--allow-${kind}=${granted.join(",")}`];
  });
  if (plan.grants.net.length === 0) return allowed;
  return [...allowed, `--deny-net=${deniedNet(policyOf(plan.grants)).join(",")}`];
}

/** The policy, for what it says of hosts: values of variables are not known here. */
function policyOf(grants: RunPlan["grants"]): Policy {
  return mergeGrants(capabilitiesOf(grants, () => undefined));
}

/** @throws {AegisError} `UnsupportedPlatform` where a guest cannot have a process of its own */
function checkIsolation({ isolation }: RunPlan, { deno, compiled }: ProgramPlaces): void {
  if (isolation !== "process" || !compiled && !deno.includes(",")) return;
  const reason = compiled
    ? "this is a compiled program, which has no deno to start"
    : `${quote(deno)} has a comma in its path, and cannot be granted`;
  throw new AegisError("UnsupportedPlatform", `Cannot give the guest a process of its own: ${reason}`, {
    field: "isolation",
    suggestion: "Use --isolation worker.",
  });
}

/**
 * The words behind `deno` that start the host process with this plan.
 *
 * @throws {AegisError} `InvalidOption`, `UnsupportedPlatform`
 */
export function hostArguments(plan: RunPlan, places: ProgramPlaces): string[] {
  checkIsolation(plan, places);
  return [
    "run",
    "--quiet", // what Deno fetches is none of the user's business, and looks like the guest's doing
    "--no-prompt",
    "--unstable-worker-options",
    ...permissionFlags(plan, places.deno),
    ...(places.config === undefined ? ["--no-config"] : [`--config=${places.config}`]),
    ...(places.lock === undefined ? [] : ["--frozen", `--lock=${places.lock}`]),
    places.entry,
    encodePlan(plan),
  ];
}
