/** One request on its way through a guest, as every form of guest sees it. */
import { type HeaderLine, HOP_BY_HOP } from "./guest_headers.ts";
import { HttpFailure } from "./http_failure.ts";
import { withinRoute } from "./route.ts";

/** What is known of a request beside itself: `Deno.serve` hands this over. */
export interface HttpRequestInfo {
  /** The address that the connection comes from. */
  readonly remoteAddr?: { readonly hostname?: string } | Deno.Addr;
  /** The version that the client speaks. @default "1.1" */
  readonly httpVersion?: string;
  /** Why the request is refused, which its server has seen and a `Request` does not show. @default nothing */
  readonly fault?: string;
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
  /** Whether the answer goes out whole or not at all, unless it says its length: the client speaks HTTP/1.0. */
  readonly whole: boolean;
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

/** Methods that are no requests for a guest: they ask for a tunnel, or to be shown what a proxy has added. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Who asks is between the client and whoever serves, unless the guest is to know. */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization"]);

/**
 * Refuses what one program on the way could read as one request, and another as a different one. Every request goes through
 * this before anything answers it.
 *
 * @throws {HttpFailure} 400, 501
 */
export function checkRequest(request: Request, info: HttpRequestInfo | undefined): void {
  const { method, headers } = request, { username, password } = new URL(request.url);
  if (info?.fault !== undefined) throw new HttpFailure(400, info.fault);
  if (!METHOD.test(method)) throw new HttpFailure(400, "the request has a method that is none");
  if (REFUSED_METHODS.has(method.toUpperCase())) throw new HttpFailure(501, `nobody answers ${method}`);
  if (username !== "" || password !== "") throw new HttpFailure(400, "the URL has a user's name in it");
  if (headers.get("host")?.includes(",")) throw new HttpFailure(400, "the request names several hosts");
  const bodiless = method === "GET" || method === "HEAD", length = headers.get("content-length") ?? "0";
  if (bodiless && (!/^0+$/.test(length) || headers.has("transfer-encoding"))) {
    throw new HttpFailure(400, `the request has a body, which means nothing with ${method}`);
  }
}

/** @throws {HttpFailure} 400, 404 for a path outside of the route, 431, 501 */
export function httpExchange(
  request: Request,
  info: HttpRequestInfo | undefined,
  { route, headerSize, authorization }: ExchangeBounds,
): HttpExchange {
  checkRequest(request, info);
  const url = new URL(request.url), headers: HeaderLine[] = [];
  let size = url.pathname.length + url.search.length;
  for (const [name, value] of request.headers) {
    size += name.length + value.length + 4;
    if (HOP_BY_HOP.has(name) || CREDENTIALS.has(name) && !authorization) continue;
    // The URL's: one in the request line stands above the header, RFC 9112, section 3.2.2.
    headers.push([name, name === "host" ? url.host : value]);
  }
  if (size > headerSize) throw new HttpFailure(431, `the request has headers of ${size} bytes`);
  if (!withinRoute(url.pathname, route)) throw new HttpFailure(404, "the path lies outside of the route");
  return {
    request,
    method: request.method,
    url,
    path: url.pathname,
    headers,
    route,
    remote: remoteOf(info),
    whole: info?.httpVersion === "1.0",
    stop: new AbortController(),
  };
}

/** The address that a request comes from; empty where there is none, as of sockets that are files. */
export function remoteOf(info: HttpRequestInfo | undefined): string {
  const remote = (info?.remoteAddr as { hostname?: unknown } | undefined)?.hostname;
  return typeof remote === "string" ? remote : "";
}
