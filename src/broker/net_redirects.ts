/** Requests hop by hop: what one asks for, and what becomes of it when its answer is a redirect. No I/O. */
import type { Header } from "./net_headers.ts";
import { withoutSecrets } from "./net_secrets.ts";
import { hostInUrl, normaliseHost } from "../policy/host_name.ts";
import { DEFAULT_PORTS, isScheme } from "../policy/host_pattern.ts";
import type { NetworkRequest } from "../policy/request.ts";
import { OperationError } from "../protocol/operations.ts";

/** One request to one host. */
export interface HopRequest {
  /** Upper case. */
  readonly method: string;
  readonly url: URL;
  /** Places of secrets are empty still. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** Redirects that one request follows. */
export const MOST_REDIRECTS = 10;

/** Characters of a URL, before they are encoded. */
const LONGEST_URL = 16 * 1024;

const METHOD = /^[A-Z][A-Z-]{0,31}$/;

const CROSS_ORIGIN_DROPPED: readonly string[] = ["authorization", "cookie", "cookie2"];

/** Reads a URL in every spelling that browsers take; undefined for none, one with credentials, and one too long. */
function readUrl(text: string, base?: URL): URL | undefined {
  if (text.length > LONGEST_URL) return undefined;
  const url = URL.parse(text, base);
  return url === null || url.username !== "" || url.password !== "" ? undefined : url;
}

/** What a guest asks for. @throws {OperationError} `inval` for no method, no URL, another scheme, credentials in it */
export function firstHop(
  asked: { readonly method: string; readonly url: string },
  content: { readonly headers: readonly Header[]; readonly body: Uint8Array },
): HopRequest {
  const { method } = asked, url = readUrl(asked.url);
  if (url === undefined || !isScheme(url.protocol.slice(0, -1)) || !METHOD.test(method)) {
    throw new OperationError("inval");
  }
  return { method, url, ...content };
}

/** A hop as policy decides it. The host is normalised: the same text is connected to. */
export function networkRequestOf({ method, url }: HopRequest): NetworkRequest {
  const scheme = url.protocol.slice(0, -1);
  const port = url.port !== "" ? Number(url.port) : isScheme(scheme) ? DEFAULT_PORTS[scheme] : 0;
  return { kind: "network", method, scheme, host: normaliseHost(url.hostname) ?? url.hostname, port };
}

/** The value of `host`: the port only where it is not the scheme's own. */
export function hostHeader({ scheme, host, port }: NetworkRequest): string {
  const own = isScheme(scheme) && DEFAULT_PORTS[scheme] === port;
  return own ? hostInUrl(host) : `${hostInUrl(host)}:${port}`;
}

/** Whether a response sends its request elsewhere. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Whether a redirect gives up encryption. */
export function isDowngrade(from: HopRequest, to: HopRequest): boolean {
  return from.url.protocol === "https:" && to.url.protocol !== "https:";
}

/**
 * The request that follows a redirect, as browsers make it: after 303, and after 301 or 302 of POST, it is a GET
 * without a body. What proves who asks does not go to another origin, and neither does anything with a secret.
 *
 * @throws {OperationError} `proto` for a location that is none
 */
export function nextHop(
  request: HopRequest,
  answer: { readonly status: number; readonly location: string },
): HopRequest {
  const { status, location } = answer, { method } = request;
  const url = readUrl(location, request.url);
  if (url === undefined) throw new OperationError("proto");
  const becomesGet = status === 303 ? !["GET", "HEAD"].includes(method) : status < 303 && method === "POST";
  let headers = request.headers;
  if (becomesGet) headers = headers.filter(([name]) => !name.startsWith("content-"));
  if (url.origin !== request.url.origin) {
    headers = withoutSecrets(headers.filter(([name]) => !CROSS_ORIGIN_DROPPED.includes(name)));
  }
  return becomesGet ? { method: "GET", url, headers, body: new Uint8Array(0) } : { ...request, url, headers };
}
