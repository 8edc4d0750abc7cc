/** How grants of one kind become one: their powers add up, the larger bound holds, what contradicts is refused. */
import { ALERT_LEVELS } from "../core/alert_level.ts";
import { AegisError } from "../core/errors.ts";
import { LOG_LEVELS } from "../core/log_level.ts";
import { quote } from "../core/quote.ts";
import type { GrantOf } from "./capability.ts";
import type { CapabilityKind, FilesystemGrant, Grant, NetworkGrant, Policy } from "./grants.ts";
import { resolveGuestPath } from "./guest_path.ts";
import { sameHostPath } from "./host_path.ts";
import { sameSource } from "./sensor_source.ts";

function conflict(kind: CapabilityKind, what: string): AegisError {
  const suggestion = "Grant it once.";
  return new AegisError("InvalidOption", `Cannot merge grants: ${what}. ${suggestion}`, {
    field: kind,
    suggestion,
  });
}

/** Identity of a grant among those of its kind: two with one key merge. */
const KEYS: { readonly [Kind in CapabilityKind]: (grant: GrantOf<Kind>) => string } = {
  filesystem: ({ guestPath }) => JSON.stringify(resolveGuestPath(guestPath)),
  network: ({ host, ports, schemes, methods }) =>
    JSON.stringify([host, ports.toSorted((a, b) => a - b), schemes.toSorted(), methods.toSorted()]),
  logging: () => "",
  sensor: ({ id }) => String(id),
  alert: () => "",
  clock: () => "",
  env: ({ name }) => name,
  random: () => "",
  process: ({ name }) => name,
  custom: ({ name }) => name,
};

/** Every kind of capability. */
export const CAPABILITY_KINDS: readonly CapabilityKind[] = Object.keys(KEYS) as CapabilityKind[]; // a row for each

/** Whether a grant lets anything be written, so that its bounds mean something. */
export function mayWrite(grant: FilesystemGrant): boolean {
  return grant.write || grant.create;
}

/** The larger bound of those that bound a right: a read-only grant, which has none, must not undo the other's. */
function largerBound(
  bound: "maxFileSize" | "totalBytes",
  ...grants: readonly [FilesystemGrant, FilesystemGrant]
): number {
  const writing = grants.filter(mayWrite);
  return Math.max(...(writing.length > 0 ? writing : grants).map((grant) => grant[bound]));
}

/** Merges two grants of one key. */
const MERGES: {
  readonly [Kind in CapabilityKind]: (one: GrantOf<Kind>, other: GrantOf<Kind>) => GrantOf<Kind>;
} = {
  filesystem(one, other) {
    if (!sameHostPath(one.hostPath, other.hostPath)) {
      const paths = `${quote(one.hostPath)} and ${quote(other.hostPath)}`;
      throw conflict("filesystem", `guest path ${quote(other.guestPath)} stands for ${paths}`);
    }
    return {
      ...one,
      read: one.read || other.read,
      write: one.write || other.write,
      create: one.create || other.create,
      delete: one.delete || other.delete,
      maxFileSize: largerBound("maxFileSize", one, other),
      totalBytes: largerBound("totalBytes", one, other),
    };
  },
  network: (one, other): NetworkGrant => ({
    ...one,
    maxBody: Math.max(one.maxBody, other.maxBody),
    connections: Math.max(one.connections, other.connections),
  }),
  logging: (one, other) => ({
    kind: "logging",
    level: LOG_LEVELS[one.level] >= LOG_LEVELS[other.level] ? one.level : other.level,
    maxMessage: Math.max(one.maxMessage, other.maxMessage),
    rate: Math.max(one.rate, other.rate),
  }),
  sensor(one, other) {
    if (sameSource(one.source, other.source)) return one;
    throw conflict("sensor", `sensor ${one.id} has two sources`);
  },
  alert: (one, other) => ({
    kind: "alert",
    level: ALERT_LEVELS[one.level] <= ALERT_LEVELS[other.level] ? one.level : other.level,
    maxMessage: Math.max(one.maxMessage, other.maxMessage),
    rate: Math.max(one.rate, other.rate),
    keep: Math.max(one.keep, other.keep),
  }),
  clock(one, other) {
    const fixed = one.fixed ?? other.fixed, realtime = one.realtime || other.realtime;
    if (fixed !== (other.fixed ?? fixed) || (fixed !== undefined && realtime)) {
      throw conflict("clock", "realtime cannot both stand still and pass, nor stand at two times");
    }
    return {
      kind: "clock",
      monotonic: one.monotonic || other.monotonic,
      realtime,
      fixed,
      resolution: Math.min(one.resolution, other.resolution),
    };
  },
  env(one, other) {
    if (one.value === other.value) return one;
    throw conflict("env", `variable ${quote(one.name)} has two values`);
  },
  random(one, other) {
    if (one.seed === other.seed) return one;
    throw conflict("random", "random bytes come from two sources");
  },
  process(one, other) {
    if (one.command !== other.command || JSON.stringify(one.args) !== JSON.stringify(other.args)) {
      throw conflict("process", `command ${quote(one.name)} stands for two programs`);
    }
    return { ...one, moreArgs: one.moreArgs || other.moreArgs };
  },
  custom: (one) => one,
};

function mergeKind<Kind extends CapabilityKind>(
  kind: Kind,
  grants: readonly Grant[],
): readonly GrantOf<Kind>[] {
  const merged = new Map<string, GrantOf<Kind>>();
  for (const grant of grants) {
    if (grant.kind !== kind) continue;
    const own = grant as GrantOf<Kind>; // by the line above, which does not narrow a generic union
    const key = KEYS[kind](own), before = merged.get(key);
    const result = before === undefined ? own : MERGES[kind](before, own);
    Object.freeze(result);
    merged.set(key, result);
  }
  return Object.freeze([...merged.values()]);
}

/**
 * Merges grants of all kinds into a frozen policy; their order is kept.
 *
 * @throws {AegisError} `InvalidOption` where two grants contradict
 */
export function policyOf(grants: readonly Grant[]): Policy {
  return Object.freeze({
    filesystem: mergeKind("filesystem", grants),
    network: mergeKind("network", grants),
    logging: mergeKind("logging", grants)[0],
    sensor: mergeKind("sensor", grants),
    alert: mergeKind("alert", grants)[0],
    clock: mergeKind("clock", grants)[0],
    env: mergeKind("env", grants),
    random: mergeKind("random", grants)[0],
    process: mergeKind("process", grants),
    custom: Object.freeze(mergeKind("custom", grants).map(({ name }) => name).sort()),
  });
}

/** The grants of a policy one by one. */
export function grantsOf(policy: Policy): Grant[] {
  const { logging, alert, clock, random } = policy;
  const single = [logging, alert, clock, random].filter((grant) => grant !== undefined);
  const custom = policy.custom.map((name) => ({ kind: "custom", name }) as const);
  const { filesystem, network, sensor, env, process } = policy;
  return [...filesystem, ...network, ...sensor, ...env, ...process, ...single, ...custom];
}
