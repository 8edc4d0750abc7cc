/** What a network grant says about hosts: how an embedder writes it, what it matches, what it covers. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { hostInUrl, isAddress, isPublicHost, LOCAL_NAMES, normaliseHost } from "./host_name.ts";

/** Schemes that can be granted, with the port that each has when none is named. */
export const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** A key of {@linkcode DEFAULT_PORTS}. */
export type Scheme = keyof typeof DEFAULT_PORTS;

/** Whether a scheme can be granted. */
export function isScheme(text: string): text is Scheme {
  return Object.hasOwn(DEFAULT_PORTS, text);
}

/** Parts of a network grant that the text of a host gives. */
export interface HostPattern {
  readonly schemes: readonly Scheme[];
  /** Normalised; `*.` in front for what is below it. */
  readonly host: string;
  /** Empty for the default port of the scheme. */
  readonly ports: readonly number[];
}

const FIELD = "network.hosts";

function refuse(text: string, reason: string, suggestion: string): AegisError {
  return new AegisError("InvalidOption", `Cannot grant host ${quote(text)}: ${reason}. ${suggestion}`, {
    field: FIELD,
    suggestion,
  });
}

const FORMS =
  'Write "example.com", "*.example.com", "example.com:8443", "https://example.com" or "[::1]:8080".';

/** Splits a port off; IPv6 without brackets has none. */
function splitPort(text: string): { host: string; port: string | undefined } {
  const bare = text.indexOf(":") !== text.lastIndexOf(":") && !text.startsWith("[");
  const colon = bare || text.endsWith("]") ? -1 : text.lastIndexOf(":");
  return colon < 0
    ? { host: text, port: undefined }
    : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

/**
 * Checks a port.
 *
 * @param port a whole number, 1 … 65535
 * @throws {AegisError} `InvalidOption`
 */
export function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  const suggestion = "Use a whole number from 1 to 65535.";
  throw new AegisError("InvalidOption", `Cannot grant port ${quote(String(port))}. ${suggestion}`, {
    field: "network.ports",
    suggestion,
  });
}

/** @throws {AegisError} `InvalidOption` */
function readHost(text: string, host: string): string {
  if (host === "*") {
    throw refuse(text, "it stands for every host", "Use NetworkCapability.full() for all public hosts.");
  }
  const below = host.startsWith("*.") ? host.slice(2) : undefined;
  if (host.lastIndexOf("*") > (below === undefined ? -1 : 0)) {
    throw refuse(text, "an asterisk stands only in front of a dot and a name", 'Write "*.example.com".');
  }
  const name = normaliseHost(below ?? host);
  if (name === undefined) throw refuse(text, "it is no name and no address", FORMS);
  if (below === undefined) return name;
  if (isAddress(name)) throw refuse(text, "nothing is below an address", "Name each address.");
  return `*.${name}`;
}

/**
 * Reads a host as an embedder grants it. Without a scheme both are granted, each on its own port: https on 443 and
 * http on 80. With a port both are granted on that port. With a scheme that scheme alone.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function parseHostPattern(text: string): HostPattern {
  if (typeof text !== "string" || text === "") throw refuse(String(text), "it is no text", FORMS);
  const [, scheme, rest = ""] = /^(?:([^:/]*):\/\/)?([^]*)$/.exec(text) ?? [];
  const lower = scheme?.toLowerCase();
  if (lower !== undefined && !isScheme(lower)) {
    throw refuse(text, `scheme ${quote(lower)} is never granted`, 'Use "https://" or "http://".');
  }
  if (rest.includes("@")) throw refuse(text, "it holds a user", "Leave out what stands before the @.");
  if (/[/?#\\]/.test(rest)) throw refuse(text, "it holds a path", "Leave out what follows the host.");
  const { host, port } = splitPort(rest);
  if (port !== undefined && !/^[0-9]{1,5}$/.test(port)) {
    throw refuse(text, `${quote(port)} is no port`, "Use a whole number from 1 to 65535.");
  }
  return {
    schemes: lower === undefined ? ["https", "http"] : [lower],
    host: readHost(text, host),
    ports: port === undefined ? [] : [checkPort(Number(port))],
  };
}

/** Whether the host of a grant matches a host; both normalised. An address is matched by itself alone, and by `*`. */
export function matchesHost(pattern: string, host: string): boolean {
  if (pattern === "*") return isPublicHost(host);
  if (pattern.startsWith("*.")) return host.endsWith(pattern.slice(1)) && !isAddress(host);
  return pattern === host;
}

/** Whether a grant's host matches all that another grant's host matches. */
export function coversHost(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  if (inner === "*") return false;
  if (!inner.startsWith("*.")) return matchesHost(outer, inner);
  const name = inner.slice(2);
  if (outer !== "*") return outer.startsWith("*.") && name.endsWith(outer.slice(1));
  return !LOCAL_NAMES.some((local) =>
    name === local || name.endsWith(`.${local}`) || local.endsWith(`.${name}`)
  );
}

/** Ports that a grant gives for one scheme; none when it does not give the scheme. */
export function grantedPorts(
  grant: { readonly schemes: readonly string[]; readonly ports: readonly number[] },
  scheme: string,
): readonly number[] {
  if (!isScheme(scheme) || !grant.schemes.includes(scheme)) return [];
  return grant.ports.length > 0 ? grant.ports : [DEFAULT_PORTS[scheme]];
}

/** `https://example.com:8443`; the port is left out where it is the scheme's own. */
export function urlOf(scheme: string, host: string, port: number): string {
  const own = isScheme(scheme) && DEFAULT_PORTS[scheme] === port;
  return `${scheme}://${hostInUrl(host)}${own ? "" : `:${port}`}`;
}
