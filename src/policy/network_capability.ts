import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { type ByteSize, parseByteSize } from "../core/units.ts";
import { Capability, checkKeys, checkList, checkWhole } from "./capability.ts";
import type { NetworkGrant } from "./grants.ts";
import { checkPort, type HostPattern, parseHostPattern } from "./host_pattern.ts";

/** Bounds of requests. */
export interface NetworkOptions {
  /** Methods of HTTP. @default all but those that are never granted: CONNECT, TRACE, TRACK */
  readonly methods?: readonly string[];
  /** Size of the body of a request, and of a response. @default "16MiB" */
  readonly maxBody?: ByteSize;
  /** Requests under way at once through each host. @default 8 */
  readonly connections?: number;
}

/** Bounds, and the ports of all public hosts. */
export interface FullNetworkOptions extends NetworkOptions {
  /** Ports that may be connected to. @default 443 for https and 80 for http */
  readonly ports?: readonly number[];
}

const OPTION_KEYS = ["methods", "maxBody", "connections"] as const;
const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "::1"] as const;

/** CONNECT makes a tunnel to where no policy looks; the others send back what the guest must not see. */
const NEVER_METHODS: readonly string[] = ["CONNECT", "TRACE", "TRACK"];

/** Whether a method can be granted at all. Upper case: servers tell `get` from `GET`. */
export function isMethod(method: string): boolean {
  return /^[A-Z][A-Z-]{0,31}$/.test(method) && !NEVER_METHODS.includes(method);
}

function readMethod(method: string): string {
  const upper = String(method).toUpperCase();
  if (isMethod(upper)) return upper;
  const suggestion = `Use names such as GET and POST; ${NEVER_METHODS.join(", ")} are never granted.`;
  throw new AegisError("InvalidOption", `Cannot grant method ${quote(String(method))}. ${suggestion}`, {
    field: "network.methods",
    suggestion,
  });
}

function readGrants(patterns: readonly HostPattern[], options: NetworkOptions): NetworkGrant[] {
  const methods = options.methods === undefined
    ? []
    : checkList(options.methods, { field: "network.methods" }).map(readMethod);
  const bounds = {
    methods: Object.freeze(methods),
    maxBody: parseByteSize(options.maxBody ?? "16MiB", "network.maxBody"),
    connections: checkWhole(options.connections ?? 8, { field: "network.connections", least: 1 }),
  };
  return patterns.map(({ schemes, host, ports }) => ({
    kind: "network",
    schemes: Object.freeze(schemes),
    host,
    ports: Object.freeze(ports),
    ...bounds,
  }));
}

function readPorts(ports: readonly number[] | undefined): readonly number[] {
  return ports === undefined ? [] : checkList(ports, { field: "network.ports" }).map(checkPort);
}

/** Hosts that a guest may send HTTP requests to. All methods throw `InvalidOption`. */
export class NetworkCapability extends Capability<"network"> {
  private constructor(grants: readonly NetworkGrant[]) {
    super("network", grants);
  }

  /**
   * Hosts by name or address. `example.com` grants https on 443 and http on 80; `example.com:8443` both on that port;
   * `https://example.com` https alone; `*.example.com` all names below, and not `example.com` itself. A name that
   * resolves to an address of a private network is reached only if that address is granted, too.
   */
  static hosts(hosts: readonly string[], options: NetworkOptions = {}): NetworkCapability {
    checkKeys(options, { field: "network", allowed: OPTION_KEYS });
    const patterns = checkList(hosts, { field: "network.hosts" }).map(parseHostPattern);
    return new NetworkCapability(readGrants(patterns, options));
  }

  /**
   * This machine, under its names `localhost`, `127.0.0.1` and `[::1]`.
   *
   * @param ports by default 443 for https and 80 for http
   */
  static loopback(ports?: readonly number[], options: NetworkOptions = {}): NetworkCapability {
    checkKeys(options, { field: "network", allowed: OPTION_KEYS });
    const granted = readPorts(ports);
    const patterns = LOOPBACK_HOSTS.map((host) => (
      { schemes: ["https", "http"], host, ports: granted } as const
    ));
    return new NetworkCapability(readGrants(patterns, options));
  }

  /** All public hosts: no private, local or reserved address, no local name, and nothing that resolves to one. */
  static full(options: FullNetworkOptions = {}): NetworkCapability {
    checkKeys(options, { field: "network", allowed: [...OPTION_KEYS, "ports"] });
    const pattern = { schemes: ["https", "http"], host: "*", ports: readPorts(options.ports) } as const;
    return new NetworkCapability(readGrants([pattern], options));
  }
}
