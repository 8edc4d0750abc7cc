/**
 * Headers as a guest gives them, on their way to a client. A guest says what its answer is; it does not steer the connection,
 * nor what stands between us and the client.
 */
import { HttpFailure } from "./http_failure.ts";

/** One header line. */
export type HeaderLine = readonly [name: string, value: string];

/** The head of an answer, checked. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  /** What the guest says of its body's length; undefined where it says nothing. */
  readonly length: number | undefined;
}

/** Names of headers are tokens of RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/;

/** Tab, and what is visible, and bytes above ASCII: no line break, no NUL. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Of the connection, not of the answer: RFC 9110, section 7.6.1. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What speaks for whoever serves: who that is and when, and other ways to reach the whole host. */
const OURS: ReadonlySet<string> = new Set(["server", "date", "via", "alt-svc", "alt-used"]);

/**
 * Orders to a program between us and the client, which would take them for ours: send a file of yours, ask that URL in our
 * name, take this server out of service. All names that begin so are orders.
 */
const PROXY_ORDERS = {
  "x-accel-": "nginx, and caddy's handlers of it: files, buffering, caching, rates",
  "x-sendfile": "mod_xsendfile of Apache, lighttpd and others: a file; X-Sendfile2, X-Sendfile-Temporary",
  "x-lighttpd-": "lighttpd: a file, which may be removed after that",
  "x-litespeed-": "LiteSpeed: another place of the server, caching of others' answers",
  "x-reproxy-": "Perlbal: a file, or a URL that is asked for in the place of this one",
  "x-envoy-": "Envoy: takes a server that answers so out of service",
  "surrogate-": "Varnish, Fastly, Akamai: caching, and ESI, which asks for URLs that a body names",
  "edge-control": "Akamai: the same",
  "x-hono-": "node-server of hono: says that an answer was sent",
} as const;

const ORDER_PREFIXES = Object.keys(PROXY_ORDERS);

/** Some read "_" as "-". @param name lower case */
function isOrder(name: string): boolean {
  const plain = name.replaceAll("_", "-");
  return ORDER_PREFIXES.some((prefix) => plain.startsWith(prefix));
}

/** Header lines of one answer. */
export const MOST_HEADERS = 100;

/** @throws {HttpFailure} 502 */
export function answerHead(status: number, lines: readonly HeaderLine[]): AnswerHead {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new HttpFailure(502, `the guest's answer has a status that is none: ${status}`);
  }
  if (lines.length > MOST_HEADERS) {
    throw new HttpFailure(502, `the guest's answer has more than ${MOST_HEADERS} headers`);
  }
  for (const [name, value] of lines) {
    if (!TOKEN.test(name)) throw new HttpFailure(502, "the guest's answer has a header whose name is none");
    if (!VALUE.test(value)) throw new HttpFailure(502, `the guest's answer has a wrong value of ${name}`);
  }
  const named = new Set(
    lines.filter(([name]) => name.toLowerCase() === "connection")
      .flatMap(([, value]) => value.split(",").map((one) => one.trim().toLowerCase())),
  );
  const headers = new Headers();
  let length: number | undefined;
  for (const [written, value] of lines) {
    const name = written.toLowerCase();
    if (HOP_BY_HOP.has(name) || OURS.has(name) || isOrder(name)) continue;
    if (name === "content-length") {
      const digits = /^\s*(\d{1,15})\s*$/.exec(value)?.[1], given = Number(digits);
      if (digits === undefined || length !== undefined && length !== given) {
        throw new HttpFailure(502, "the guest's answer has a wrong length");
      }
      length = given;
    } else if (!named.has(name)) headers.append(name, value);
  }
  return { status, headers, length };
}

/** Whether an answer has a body. */
export function hasBody(method: string, status: number): boolean {
  return method !== "HEAD" && status !== 204 && status !== 205 && status !== 304;
}
