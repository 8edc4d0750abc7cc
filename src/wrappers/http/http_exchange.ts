/** One request on its way through a guest, as every form of guest sees it. */
import { type HeaderLine, HOP_BY_HOP } from "./guest_headers.ts";
import { HttpFailure } from "./http_failure.ts";
import { withinRoute } from "./route.ts";

/** What is known of a request beside itself: `Deno.serve` hands this over. */
export interface HttpRequestInfo {
  /** The address that the connection comes from. */
  readonly remoteAddr?: { readonly hostname?: string } | Deno.Addr;
}

/** One request. */
export interface HttpExchange {
  readonly request: Request;
  readonly method: string;
  readonly url: URL;
  /** Path of the request as it stands in the URL. */
  readonly path: string;
  /** Headers that a guest may see, lower case, duplicates joined. */
  readonly headers: readonly HeaderLine[];
  /** The route that the module has, without a slash at the end; empty for all. */
  readonly route: string;
  readonly remote: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly stop: AbortController;
}

/** What bounds and shapes a request on its way to the guest. */
export interface ExchangeBounds {
  readonly route: string;
  /** Bytes of all headers. */
  readonly headerSize: number;
  /** Whether the guest sees who asks. */
  readonly authorization: boolean;
}

/** Methods are tokens; longer ones nobody has. */
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/;

/** Who asks is between the client and whoever serves, unless the guest is to know. */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization"]);

/** @throws {HttpFailure} 400, 404 for a path outside of the route, 431 */
export function httpExchange(
  request: Request,
  info: HttpRequestInfo | undefined,
  { route, headerSize, authorization }: ExchangeBounds,
): HttpExchange {
  const url = new URL(request.url), headers: HeaderLine[] = [];
  let size = url.pathname.length + url.search.length;
  for (const [name, value] of request.headers) {
    size += name.length + value.length + 4;
    if (HOP_BY_HOP.has(name) || CREDENTIALS.has(name) && !authorization) continue;
    headers.push([name, value]);
  }
  if (size > headerSize) throw new HttpFailure(431, `the request has headers of ${size} bytes`);
  if (!METHOD.test(request.method)) throw new HttpFailure(400, "the request has a method that is none");
  if (!withinRoute(url.pathname, route)) throw new HttpFailure(404, "the path lies outside of the route");
  const remote = (info?.remoteAddr as { hostname?: unknown } | undefined)?.hostname; // sockets of files have none
  return {
    request,
    method: request.method,
    url,
    path: url.pathname,
    headers,
    route,
    remote: typeof remote === "string" ? remote : "",
    stop: new AbortController(),
  };
}
