/**
 * Hosts as text: one spelling for each, and which of them lie on the internet. What a guest writes and what an
 * embedder grants go through the same function, so that two spellings never meet.
 */
import { addressClass, mappedIpv4, parseAddress } from "./addresses.ts";

/**
 * Names that never belong to the internet, and what is below them: those that the standards set aside for local use,
 * and those that private networks took for themselves.
 */
export const LOCAL_NAMES: readonly string[] = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "home.arpa",
  "test",
  "invalid",
  "onion",
  "alt",
];

/** RFC 1035 has no underscore; service names and some companies' hosts do. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Signs by which a URL would read something else than a host, among them those that it drops. */
const NO_HOST = /[\s\p{Cc}/\\?#@%*<>^|]/u;

/**
 * One spelling for a host: lower case, international names in ASCII, IPv4 in four decimal octets whatever its form,
 * IPv6 compressed and without brackets, IPv4-mapped IPv6 as the IPv4 address that it is, no dot at the end. Undefined for what is no host, an address with a zone
 * included.
 */
export function normaliseHost(text: string): string | undefined {
  if (text === "" || text.length > 1024 || NO_HOST.test(text)) return undefined;
  // A port that is the scheme's own would vanish in the URL.
  if (text.startsWith("[") !== text.endsWith("]")) return undefined;
  const bracketed = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text;
  // Any scheme with hosts reads them in the same way; this one is in no text that a bundle must not hold.
  const hostname = URL.parse(`ws://${bracketed}/`)?.hostname;
  if (hostname === undefined) return undefined;
  if (hostname.startsWith("[")) return unmapped(hostname.slice(1, -1));
  const name = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
  if (parseAddress(name) !== undefined) return name;
  return name.length <= 253 && name.split(".").every((label) => LABEL.test(label)) ? name : undefined;
}

function unmapped(ipv6: string): string {
  const address = parseAddress(ipv6);
  return (address && mappedIpv4(address)) ?? ipv6;
}

/** Whether a normalised host is an address. */
export function isAddress(host: string): boolean {
  return parseAddress(host) !== undefined;
}

/** A host as it stands in a URL: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Whether a normalised host is this machine by its name. */
export function isLoopbackName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}

/** Whether `*` matches a normalised host: a public address, or a name of the internet, which has a dot. */
export function isPublicHost(host: string): boolean {
  if (isAddress(host)) return addressClass(host) === "public";
  return host.includes(".") && !LOCAL_NAMES.some((local) => host === local || host.endsWith(`.${local}`));
}
