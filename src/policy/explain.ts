import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { GrantOf } from "./capability.ts";
import type { CapabilityKind, FilesystemGrant, NetworkGrant, Policy, SensorSource } from "./grants.ts";
import { grantedPorts, urlOf } from "./host_pattern.ts";
import { CAPABILITY_KINDS, grantsOf } from "./merge_grants.ts";

/** What a guest finds where a kind is not granted. */
const ABSENCES: Readonly<Record<CapabilityKind, string>> = {
  filesystem: "the guest finds no directory",
  network: "no host can be reached",
  logging: "the guest's log is dropped",
  sensor: "every sensor reads 0",
  alert: "the guest's alerts are dropped",
  clock: "time is fake, and the same in each run",
  env: "no variable is seen",
  random: "random bytes are the same in each run",
  process: "no command can be run",
  custom: "no power of the embedder's own",
};

function atMost(bytes: number, what: string): string[] {
  return bytes === Infinity ? [] : [`${what} ${formatByteSize(bytes)}`];
}

function describeFiles(grant: FilesystemGrant): string {
  const { hostPath, guestPath } = grant;
  const rights = (["read", "write", "create", "delete"] as const).filter((right) => grant[right]);
  const bounds = grant.write || grant.create
    ? [...atMost(grant.maxFileSize, "each file at most"), ...atMost(grant.totalBytes, "in all at most")]
    : [];
  const place = hostPath === guestPath ? quote(hostPath) : `${quote(hostPath)} as ${quote(guestPath)}`;
  return [`${place}: ${rights.join(", ") || "nothing any more"}`, ...bounds].join("; ");
}

/** The URLs that a grant covers, with `*` where it stands. */
function urlsOf(grant: NetworkGrant): string[] {
  return grant.schemes.flatMap((scheme) =>
    grantedPorts(grant, scheme).map((port) => urlOf(scheme, grant.host, port))
  );
}

function describeNetwork(grant: NetworkGrant): string {
  const methods = grant.methods.length === 0 ? "every method" : grant.methods.join(", ");
  return [
    `${urlsOf(grant).join(", ")}${grant.host === "*" ? " (public hosts alone)" : ""}: ${methods}`,
    `bodies at most ${formatByteSize(grant.maxBody)}`,
    `${grant.connections} at once`,
  ].join("; ");
}

function describeSource(source: SensorSource): string {
  switch (source.from) {
    case "constant":
      return String(source.value);
    case "series":
      return `${source.values.length} values, ${
        source.end === "hold" ? "then the last one" : "over and over"
      }`;
    case "file":
      return `the last number in ${quote(source.path)}`;
    case "function":
      return "what a function of the embedder returns";
    case "runtime":
      return "as the runtime has it";
  }
}

const DESCRIPTIONS: { readonly [Kind in CapabilityKind]: (grant: GrantOf<Kind>) => string } = {
  filesystem: describeFiles,
  network: describeNetwork,
  logging: ({ level, maxMessage, rate }) =>
    `up to level ${level}; messages at most ${formatByteSize(maxMessage)}; ${rate} a second`,
  sensor: ({ id, source }) => `${id} reads ${describeSource(source)}`,
  alert: ({ level, maxMessage, rate }) =>
    `from level ${level} on; messages at most ${formatByteSize(maxMessage)}; ${rate} a second`,
  clock: ({ monotonic, realtime, fixed, resolution }) =>
    [
      ...(monotonic ? ["monotonic"] : []),
      ...(realtime ? ["realtime"] : []),
      ...(fixed === undefined ? [] : [`realtime that stands at ${new Date(fixed).toISOString()}`]),
    ].join(", ") + `; in steps of ${resolution}ms`,
  // Values are not shown: they may be secrets.
  env: ({ name, value }) =>
    `${quote(name)}, ${value === undefined ? "as the host has it" : "set by the embedder"}`,
  random: ({ seed }) => seed === undefined ? "secure bytes" : `bytes of seed ${seed}`,
  process: ({ name, command, args, moreArgs }) =>
    `${quote(name)} runs ${[command, ...args].map(quote).join(" ")}${
      moreArgs ? " and words of the guest" : ""
    }, outside the sandbox`,
  custom: ({ name }) => quote(name),
};

function describe<Kind extends CapabilityKind>(kind: Kind, grant: GrantOf<Kind>): string {
  return DESCRIPTIONS[kind](grant);
}

/** What a policy grants, one entry for each grant; for a person to read. */
export function describeGrants(
  policy: Policy,
): { readonly capability: CapabilityKind; readonly detail: string }[] {
  const grants = grantsOf(policy);
  return CAPABILITY_KINDS.flatMap((capability) =>
    grants.filter(({ kind }) => kind === capability)
      .map((grant) => ({ capability, detail: describe(grant.kind, grant) }))
  );
}

/** What a policy grants, one line for each grant, and what it does not, one line for each kind; for a person to read. */
export function explain(policy: Policy): string[] {
  const granted = describeGrants(policy);
  return CAPABILITY_KINDS.flatMap((kind) => {
    const own = granted.filter(({ capability }) => capability === kind);
    if (own.length === 0) return [`${kind}: not granted; ${ABSENCES[kind]}`];
    return own.map(({ detail }) => `${kind}: ${detail}`);
  });
}
