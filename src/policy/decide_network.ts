/**
 * Decides about one hop of a request, and about the address that its host resolved to. The network broker asks both, of
 * every hop: a name that is allowed may lead to an address that is not.
 */
import { quote } from "../core/quote.ts";
import { addressClass } from "./addresses.ts";
import type { NetworkGrant, Policy } from "./grants.ts";
import { hostInUrl, isLoopbackName, normaliseHost } from "./host_name.ts";
import { DEFAULT_PORTS, grantedPorts, isScheme, matchesHost, urlOf } from "./host_pattern.ts";
import { isMethod } from "./network_capability.ts";
import type { Decision, Denial, NetworkRequest } from "./request.ts";
import { suggestedFlag } from "./suggested_flag.ts";

/** A denial of what nothing can grant. */
function never(reason: string): Denial {
  return {
    allowed: false,
    reason,
    flag: undefined,
    hint: 'NetworkCapability.hosts(["example.com"]), and a request to it by http or https',
  };
}

/** A request with its host normalised, or why no grant can allow it. */
function checked(request: NetworkRequest): NetworkRequest | Denial {
  const { method, scheme, port } = request;
  if (!isScheme(scheme)) return never(`scheme ${quote(scheme)} is never granted`);
  if (!isMethod(method)) return never(`method ${quote(method)} is never granted`);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    return never(`there is no port ${quote(String(port))}`);
  }
  const host = normaliseHost(request.host);
  return host === undefined ? never(`${quote(request.host)} is no host`) : { ...request, host };
}

/** The service of a cloud that hands out its credentials is never suggested. */
function flagFor({ scheme, host, port }: NetworkRequest): string | undefined {
  if (addressClass(host) === "metadata") return undefined;
  const own = isScheme(scheme) && DEFAULT_PORTS[scheme] === port;
  return suggestedFlag("allow-net", own ? hostInUrl(host) : `${hostInUrl(host)}:${port}`);
}

function matching(policy: Policy, { scheme, host, port }: NetworkRequest): NetworkGrant[] {
  return policy.network.filter((grant) =>
    matchesHost(grant.host, host) && grantedPorts(grant, scheme).includes(port)
  );
}

/** Of several grants that allow a request, the one with the largest body is the answer. */
export function decideNetwork(policy: Policy, asked: NetworkRequest): Decision {
  const request = checked(asked);
  if ("allowed" in request) return request;
  const { method, scheme, host, port } = request;
  const grants = matching(policy, request);
  const [grant] = grants.filter(({ methods }) => methods.length === 0 || methods.includes(method))
    .toSorted((one, other) => other.maxBody - one.maxBody);
  if (grant !== undefined) return { allowed: true, grant };
  const url = urlOf(scheme, host, port);
  const hint = `NetworkCapability.hosts([${quote(url)}])`;
  if (grants.length === 0) {
    return { allowed: false, reason: `no network grant covers ${quote(url)}`, flag: flagFor(request), hint };
  }
  return {
    allowed: false,
    reason: `${quote(url)} was granted without ${method}`,
    flag: flagFor(request),
    hint: `NetworkCapability.hosts([${quote(url)}], { methods: [${quote(method)}] })`,
  };
}

/**
 * Decides whether a hop may connect to an address that its host resolved to. A public address may always be connected
 * to when the hop is allowed, except by a name of this machine; any other only when a grant names it, or when
 * `localhost` is granted and it is this machine.
 *
 * @param address as the resolver prints it
 */
export function decideAddress(
  policy: Policy,
  { request, address }: { readonly request: NetworkRequest; readonly address: string },
): Decision {
  const decision = decideNetwork(policy, request);
  if (!decision.allowed) return decision;
  const what = addressClass(address), byName = isLoopbackName(normaliseHost(request.host) ?? "");
  if (byName ? what === "loopback" : what === "public") return decision;
  const named = decideNetwork(policy, { ...request, host: address });
  if (named.allowed && !byName) return named;
  return {
    allowed: false,
    reason: `${quote(request.host)} resolves to ${quote(address)}, which is ${ADDRESS_WORDS[what]}`,
    flag: named.allowed ? undefined : named.flag,
    hint: named.allowed ? decisionHint(address) : named.hint,
  };
}

function decisionHint(address: string): string {
  return `NetworkCapability.hosts([${quote(address)}]), and a request to that address`;
}

const ADDRESS_WORDS = {
  public: "not this machine",
  loopback: "this machine",
  private: "in a private network",
  linkLocal: "local to the link",
  metadata: "a cloud's own service",
  unspecified: "no address",
  multicast: "a group of machines",
  reserved: "reserved",
} as const;
