/** What a process may do that runs guests, and how its command line says so: nothing but what its plans need. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { deniedNet, netPermissions } from "../policy/deno_permissions.ts";
import type { Policy } from "../policy/grants.ts";
import { mergeGrants } from "../policy/policy.ts";
import type { GuestPlan } from "./guest_plan.ts";
import type { ProgramPlaces } from "./program_places.ts";
import { capabilitiesOf, isWritable, type PlanGrants } from "../manifest/grants.ts";
import { sensorFiles } from "../manifest/sensors.ts";

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

/** A path with a comma would grant two others. */
function refuseComma(
  path: string | undefined,
  message: string,
  options: { field?: string; suggestion: string },
): void {
  if (path !== undefined) {
    throw new AegisError("InvalidOption", `${message}: a path with a comma cannot be granted`, options);
  }
}

const hasComma = (path: string) => path.includes(",");

/**
 * What a process may do until it has started the brokers of its guests: read their modules, and what they are granted. A
 * directory that may be written must be readable, too, for the broker to prove where a path leads.
 *
 * @param deno what starts a guest's process, where one has it; the one permission that is kept while guests run
 * @throws {AegisError} `InvalidOption` for a path with a comma
 */
export function guestPermissions(
  guests: readonly Pick<GuestPlan, "module" | "grants" | "isolation">[],
  deno: string,
): HostPermissions {
  for (const { module: { path, shown } } of guests) {
    if (path === null || !hasComma(path)) continue;
    throw new AegisError(
      "InvalidOption",
      `Cannot read ${quote(shown)}: a path with a comma cannot be granted for reading`,
      { suggestion: `Rename it, or pass it on stdin: aegis run - < ${quote(shown)}` },
    );
  }
  const directories = guests.flatMap(({ grants }) => grants.directories);
  const files = guests.flatMap(({ grants }) => sensorFiles(grants.sensors));
  const directory = directories.find(({ host }) => hasComma(host))?.host, file = files.find(hasComma);
  refuseComma(directory, `Cannot grant ${quote(directory ?? "")}`, {
    suggestion: "Rename it, or grant what is above it.",
  });
  refuseComma(file, `Cannot read sensor file ${quote(file ?? "")}`, {
    field: "sensor",
    suggestion: "Rename it.",
  });
  const net = guests.map(({ grants }) => netPermissions(policyOf(grants)));
  return mergePermissions({
    read: [
      ...guests.flatMap(({ module: { path } }) => path === null ? [] : [path]),
      ...directories.map(({ host }) => host),
      ...files,
    ],
    write: directories.filter(isWritable).map(({ host }) => host),
    net: net.some((one) => one === true) ? true : net.flatMap((one) => one === true ? [] : one),
    env: guests.flatMap(({ grants }) => grants.env.map(({ from }) => from)),
    run: guests.some(({ isolation }) => isolation === "process") ? [deno] : [],
  });
}

/** Adds up what several need; each path and name stands there once. */
export function mergePermissions(...all: readonly Partial<HostPermissions>[]): HostPermissions {
  const once = (
    kind: "read" | "write" | "env" | "run",
  ) => [...new Set(all.flatMap((one) => one[kind] ?? []))];
  const net = all.map((one) => one.net ?? []);
  return {
    read: once("read"),
    write: once("write"),
    net: net.includes(true) ? true : [...new Set(net.flatMap((one) => one === true ? [] : one))],
    env: once("env"),
    run: once("run"),
  };
}

/**
 * Addresses that no guest may reach though a name that is granted leads there; none where nothing is granted.
 *
 * @param listening where the process listens itself, which Deno would refuse for an address that is denied
 */
export function deniedAddresses(
  guests: readonly Pick<GuestPlan, "grants">[],
  listening?: string,
): readonly string[] {
  const granted = guests.filter(({ grants }) => grants.net.length > 0);
  if (granted.length === 0) return [];
  const policy = mergeGrants(granted.flatMap(({ grants }) => capabilitiesOf(grants, () => undefined)));
  return deniedNet(policy, listening === undefined ? [] : [listening]);
}

/** The policy, for what it says of hosts: values of variables are not known here. */
function policyOf(grants: PlanGrants): Policy {
  return mergeGrants(capabilitiesOf(grants, () => undefined));
}

/** @throws {AegisError} `UnsupportedPlatform` where a guest cannot have a process of its own */
export function checkIsolation(
  { isolation }: Pick<GuestPlan, "isolation">,
  { deno, compiled }: Pick<ProgramPlaces, "deno" | "compiled">,
): void {
  if (isolation !== "process" || !compiled && !deno.includes(",")) return;
  const reason = compiled
    ? "this is a compiled program, which has no deno to start"
    : `${quote(deno)} has a comma in its path, and cannot be granted`;
  throw new AegisError("UnsupportedPlatform", `Cannot give the guest a process of its own: ${reason}`, {
    field: "isolation",
    suggestion: "Use --isolation worker.",
  });
}

/** The words that say what a process of ours may do, and that nobody is asked for more. */
export function permissionArguments(permissions: HostPermissions, denied: readonly string[]): string[] {
  const kinds = Object.keys(permissions) as (keyof HostPermissions)[]; // its own keys
  return [
    "--no-prompt",
    "--unstable-worker-options",
    ...kinds.flatMap((kind) => {
      const granted = permissions[kind];
      if (granted === true) return [`--allow-${kind}`];
      return granted.length === 0 ? [] : [`--allow-${kind}=${granted.join(",")}`];
    }),
    ...denied.length === 0 ? [] : [`--deny-net=${denied.join(",")}`],
  ];
}

/**
 * The words behind `deno` that start a process of ours with permissions and one plan.
 *
 * @param denied addresses that it may not reach, whatever is granted
 */
export function processArguments(
  places: ProgramPlaces,
  { permissions, denied = [], plan }: {
    readonly permissions: HostPermissions;
    readonly denied?: readonly string[];
    /** The plan as text. */
    readonly plan: string;
  },
): string[] {
  return [
    "run",
    "--quiet", // what Deno fetches is none of the user's business, and looks like the guest's doing
    ...permissionArguments(permissions, denied),
    ...(places.config === undefined ? ["--no-config"] : [`--config=${places.config}`]),
    ...(places.lock === undefined ? [] : ["--frozen", `--lock=${places.lock}`]),
    places.entry,
    plan,
  ];
}
