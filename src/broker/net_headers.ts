/**
 * Headers in both directions. The broker alone frames messages: whatever says where one ends, who it is for, or what
 * becomes of the connection is dropped from what a guest sends, and not shown of what it gets. Nothing is left to the
 * HTTP module, which lets two different lengths of one request pass.
 */
import { OperationError } from "../protocol/operations.ts";

/** A name in lower case, and a value. */
export type Header = readonly [name: string, value: string];

/** Bytes of the head of a request or a response, and headers in it. */
export const MOST_HEAD_BYTES = 16 * 1024, MOST_HEADERS = 200;

/** Concern one connection, RFC 9110 section 7.6.1. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** What the broker says by itself in a request. */
const FRAMING = new Set(["host", "content-length", "expect"]);

/** What the broker says by itself wherever it says anything. */
function isOurs(name: string): boolean {
  return HOP_BY_HOP.has(name) || name.startsWith("proxy-");
}

/** Whether a guest may not send a header, under this name or under one that a gateway takes for the same. */
function isDropped(name: string): boolean {
  const likely = name.replaceAll("_", "-");
  return isOurs(likely) || FRAMING.has(likely);
}

/** Signs of a name, RFC 9110 section 5.6.2. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What can stand in a value, one character a byte: no control character but the tab. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

// deno-lint-ignore no-control-regex -- the point of it
const CONTROLS = /[\x00-\x1f\x7f]/g;

/** Whether a text can be the value of a header. */
export function isHeaderValue(text: string): boolean {
  return VALUE.test(text);
}

/**
 * Reads a guest's header lines, without those that are the broker's.
 *
 * @throws {OperationError} `inval` for a line that is none, `nametoolong` for too many
 */
export function readHeaderLines(text: string): Header[] {
  const lines = text.split("\n", MOST_HEADERS + 2);
  if (lines.at(-1) === "") lines.pop();
  if (text.length > MOST_HEAD_BYTES || lines.length > MOST_HEADERS) throw new OperationError("nametoolong");
  const headers: Header[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    if (!NAME.test(name) || !isHeaderValue(value)) throw new OperationError("inval");
    const lower = name.toLowerCase();
    if (!isDropped(lower)) headers.push([lower, value]);
  }
  return headers;
}

/**
 * The headers of one request as they go out, names and values in turn.
 *
 * @param options `host` as the URL has it, with the port; `length` of the body in bytes
 * @throws {OperationError} `nametoolong` when they are too long
 */
export function requestHeaders(
  headers: readonly Header[],
  options: { readonly host: string; readonly method: string; readonly length: number },
): string[] {
  const all: Header[] = [["host", options.host], ["connection", "close"], ...headers];
  // Nothing is unpacked on the way, so unless the guest says that it does so, bodies come as they are.
  if (!headers.some(([name]) => name === "accept-encoding")) all.push(["accept-encoding", "identity"]);
  if (options.length > 0 || !["GET", "HEAD"].includes(options.method)) {
    all.push(["content-length", String(options.length)]);
  }
  const flat = all.flat();
  if (headBytes(flat) > MOST_HEAD_BYTES) throw new OperationError("nametoolong");
  return flat;
}

/** Bytes that names and values take in a head. */
export function headBytes(flat: readonly string[]): number {
  return flat.reduce((sum, text) => sum + text.length + 2, 0);
}

/** Names and values in turn as pairs, names in lower case. */
export function pairs(flat: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    headers.push([(flat[i] ?? "").toLowerCase(), flat[i + 1] ?? ""]);
  }
  return headers;
}

/** The value of the first header of that name. */
export function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find((header) => header[0] === name)?.[1];
}

/** A response's header lines as its guest reads them: `name: value`, each with a line feed behind it. */
export function responseLines(headers: readonly Header[]): string {
  const named = headers.filter(([name]) => name === "connection")
    .flatMap(([, value]) => value.split(",").map((name) => name.trim().toLowerCase()));
  return headers
    .filter(([name]) => NAME.test(name) && !isOurs(name) && !named.includes(name))
    .map(([name, value]) => `${name}: ${value.replace(CONTROLS, " ")}\n`)
    .join("");
}
