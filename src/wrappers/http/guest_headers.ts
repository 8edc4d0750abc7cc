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

/**
 * What speaks for whoever serves: who that is and when, other ways to reach the whole host, and orders to a proxy in front,
 * which would take them for ours: `X-Accel-Redirect` has nginx send any file of its own.
 */
const OURS: ReadonlySet<string> = new Set([
  "server",
  "date",
  "via",
  "alt-svc",
  "alt-used",
  "x-sendfile",
  "x-lighttpd-send-file",
]);

const PROXY_ORDERS = "x-accel-";

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
    if (HOP_BY_HOP.has(name) || OURS.has(name) || name.startsWith(PROXY_ORDERS)) continue;
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
