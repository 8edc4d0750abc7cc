/**
 * How a grant is cut to what a policy has. A power (a right, a host, a level, a name) that the policy lacks is an error;
 * a bound (a size, a rate, a resolution) is tightened to the policy's in silence, since builders fill in bounds.
 */
import { ALERT_LEVELS } from "../core/alert_level.ts";
import { AegisError } from "../core/errors.ts";
import { LOG_LEVELS } from "../core/log_level.ts";
import { quote } from "../core/quote.ts";
import type { GrantOf } from "./capability.ts";
import type { CapabilityKind, FilesystemGrant, Grant, NetworkGrant, Policy } from "./grants.ts";
import { liesWithin } from "./host_path.ts";
import { mayWrite } from "./merge_grants.ts";
import { coversHost, grantedPorts, urlOf } from "./host_pattern.ts";
import { sameSource } from "./sensor_source.ts";

function lacking(kind: CapabilityKind, what: string): AegisError {
  const suggestion = "Grant it to the runtime, or ask for less: a sandbox may only narrow.";
  return new AegisError(
    "InvalidOption",
    `Cannot grant ${what}: the runtime does not have it. ${suggestion}`,
    {
      field: kind,
      suggestion,
    },
  );
}

const RIGHTS = ["read", "write", "create", "delete"] as const;

/** The grant of a policy that another draws on: of those with all its rights over its path itself, else the nearest. */
function sourceOf(policy: Policy, wanted: FilesystemGrant): FilesystemGrant | undefined {
  const sources = policy.filesystem.filter((grant) =>
    liesWithin(grant.hostPath, wanted.hostPath) && RIGHTS.every((right) => grant[right] || !wanted[right])
  );
  const itself = sources.find(({ hostPath, guestPath }) =>
    hostPath === wanted.hostPath && guestPath === wanted.guestPath
  );
  return itself ?? sources.toSorted((one, other) => other.hostPath.length - one.hostPath.length)[0];
}

function narrowFilesystem(policy: Policy, wanted: FilesystemGrant, all: readonly Grant[]): FilesystemGrant {
  const source = sourceOf(policy, wanted);
  if (source === undefined) {
    const rights = RIGHTS.filter((right) => wanted[right]).join(", ");
    throw lacking("filesystem", `host path ${quote(wanted.hostPath)} with ${rights}`);
  }
  // Several paths below one directory share what may be written to it; each alone would have it whole.
  const sharers =
    all.filter((grant) =>
      grant.kind === "filesystem" && mayWrite(grant) && sourceOf(policy, grant) === source
    ).length;
  return {
    ...wanted,
    maxFileSize: Math.min(wanted.maxFileSize, source.maxFileSize),
    totalBytes: Math.min(wanted.totalBytes, Math.floor(source.totalBytes / Math.max(1, sharers))),
  };
}

/** The grant of a policy that gives one scheme and port of another; the one that tightens it least. */
function sourceOfPort(
  policy: Policy,
  wanted: NetworkGrant,
  { scheme, port }: { readonly scheme: string; readonly port: number },
): NetworkGrant {
  const sources = policy.network.filter((grant) =>
    coversHost(grant.host, wanted.host) && grantedPorts(grant, scheme).includes(port) &&
    (grant.methods.length === 0 ||
      wanted.methods.length > 0 && wanted.methods.every((method) => grant.methods.includes(method)))
  );
  const body = (grant: NetworkGrant) => Math.min(grant.maxBody, wanted.maxBody);
  const connections = (grant: NetworkGrant) => Math.min(grant.connections, wanted.connections);
  const [best] = sources.toSorted((one, other) =>
    body(other) - body(one) || connections(other) - connections(one)
  );
  if (best !== undefined) return best;
  const methods = wanted.methods.length === 0 ? "all methods" : wanted.methods.join(", ");
  throw lacking("network", `${quote(urlOf(scheme, wanted.host, port))} with ${methods}`);
}

function narrowNetwork(policy: Policy, wanted: NetworkGrant): NetworkGrant {
  const sources = wanted.schemes.flatMap((scheme) =>
    grantedPorts(wanted, scheme).map((port) => sourceOfPort(policy, wanted, { scheme, port }))
  );
  return {
    ...wanted,
    maxBody: Math.min(wanted.maxBody, ...sources.map(({ maxBody }) => maxBody)),
    connections: Math.min(wanted.connections, ...sources.map(({ connections }) => connections)),
  };
}

/** One function for each kind; `all` is everything that is wanted together. */
const NARROWINGS: {
  readonly [Kind in CapabilityKind]: (
    policy: Policy,
    wanted: GrantOf<Kind>,
    all: readonly Grant[],
  ) => GrantOf<Kind>;
} = {
  filesystem: narrowFilesystem,
  network: narrowNetwork,
  logging({ logging }, wanted) {
    if (logging === undefined || LOG_LEVELS[wanted.level] > LOG_LEVELS[logging.level]) {
      throw lacking("logging", `logging at level ${wanted.level}`);
    }
    return {
      ...wanted,
      maxMessage: Math.min(wanted.maxMessage, logging.maxMessage),
      rate: Math.min(wanted.rate, logging.rate),
    };
  },
  sensor({ sensor }, wanted) {
    const had = sensor.find(({ id }) => id === wanted.id), { source } = wanted;
    if (had === undefined) throw lacking("sensor", `sensor ${wanted.id}`);
    if (source.from === "runtime") return { ...wanted, source: had.source };
    // A file is read with the host's own rights: only those that the runtime names are.
    if (source.from !== "file" || sameSource(source, had.source)) return wanted;
    throw lacking("sensor", `sensor ${wanted.id} from file ${quote(source.path)}`);
  },
  alert({ alert }, wanted) {
    if (alert === undefined || ALERT_LEVELS[wanted.level] < ALERT_LEVELS[alert.level]) {
      throw lacking("alert", `alerts from level ${wanted.level} on`);
    }
    return {
      ...wanted,
      maxMessage: Math.min(wanted.maxMessage, alert.maxMessage),
      rate: Math.min(wanted.rate, alert.rate),
      keep: Math.min(wanted.keep, alert.keep),
    };
  },
  clock({ clock }, wanted) {
    if (wanted.monotonic && !clock?.monotonic) throw lacking("clock", "the monotonic clock");
    if (wanted.realtime && !clock?.realtime) throw lacking("clock", "the realtime clock");
    if (
      clock === undefined || wanted.fixed !== undefined && !clock.realtime && wanted.fixed !== clock.fixed
    ) {
      throw lacking("clock", "a fixed time");
    }
    return { ...wanted, resolution: Math.max(wanted.resolution, clock.resolution) };
  },
  env({ env }, wanted) {
    const source = env.find(({ name }) => name === wanted.name);
    if (source !== undefined && (source.value === undefined || source.value === wanted.value)) return wanted;
    throw lacking(
      "env",
      `variable ${quote(wanted.name)}${source === undefined ? "" : " with another value"}`,
    );
  },
  random({ random }, wanted) {
    if (random !== undefined && (random.seed === undefined || random.seed === wanted.seed)) return wanted;
    throw lacking("random", wanted.seed === undefined ? "secure random bytes" : "random bytes of that seed");
  },
  process(policy, wanted) {
    const source = policy.process.find(({ name }) => name === wanted.name);
    const words = source?.args.every((word, index) => word === wanted.args[index]);
    const longer = wanted.args.length > (source?.args.length ?? 0);
    if (
      source === undefined || source.command !== wanted.command || !words ||
      !source.moreArgs && (longer || wanted.moreArgs)
    ) throw lacking("process", `command ${quote(wanted.name)} with its words`);
    return wanted;
  },
  custom({ custom }, wanted) {
    if (custom.includes(wanted.name)) return wanted;
    throw lacking("custom", `capability ${quote(wanted.name)}`);
  },
};

function narrowKind<Kind extends CapabilityKind>(
  kind: Kind,
  { policy, wanted, all }: {
    readonly policy: Policy;
    readonly wanted: GrantOf<Kind>;
    readonly all: readonly Grant[];
  },
): Grant {
  return Object.freeze(NARROWINGS[kind](policy, wanted, all));
}

/**
 * Cuts grants to what a policy has. Host paths are compared by their text, and a step up behind a granted directory is
 * never within it.
 *
 * @throws {AegisError} `InvalidOption` that names what the policy lacks
 */
export function narrowedGrants(policy: Policy, wanted: readonly Grant[]): Grant[] {
  return wanted.map((grant) => narrowKind(grant.kind, { policy, wanted: grant, all: wanted }));
}
