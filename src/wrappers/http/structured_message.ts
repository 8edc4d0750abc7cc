/** Requests and answers as structured values, for guests that take and return JSON or MessagePack. */
import { type AnswerHead, answerHead, type HeaderLine } from "./guest_headers.ts";
import type { HttpExchange } from "./http_exchange.ts";
import { HttpFailure } from "./http_failure.ts";
import { JsonRefusal, sizedJson } from "./sized_json.ts";
import type { CallValue } from "../../core/value.ts";

const ENCODER = new TextEncoder(), DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What every such request says, its body aside. */
export function requestHead({ method, url, path, headers }: HttpExchange): Record<string, CallValue> {
  return {
    method,
    url: url.href,
    path,
    query: url.search.slice(1),
    headers: headers.map(([name, value]) => [name, value]),
  };
}

/** A request for JSON: a body that is no text is in base64. */
export function jsonRequest(exchange: HttpExchange, body: Uint8Array<ArrayBuffer>): CallValue {
  const head = requestHead(exchange);
  if (body.length === 0) return { ...head, body: null };
  try {
    return { ...head, body: DECODER.decode(body) };
  } catch {
    return { ...head, body: body.toBase64(), base64: true };
  }
}

/** A request for MessagePack: its body is bytes. */
export function packedRequest(exchange: HttpExchange, body: Uint8Array<ArrayBuffer>): CallValue {
  return { ...requestHead(exchange), body: body.length === 0 ? null : body };
}

/** What an answer may say. */
const ANSWER_KEYS: ReadonlySet<string> = new Set(["status", "headers", "body", "base64", "json"]);

/** What the head of a streamed answer may say. */
const HEAD_KEYS: ReadonlySet<string> = new Set(["status", "headers"]);

/** An answer's head, of what a guest returned, which may be anything. @throws {HttpFailure} 502 */
export function readHead(value: unknown, headerSize: number): AnswerHead {
  return headOf(record(value, HEAD_KEYS), headerSize);
}

/** Bytes of an answer's head, and of its body, where it is made here. */
export interface AnswerBounds {
  readonly headerSize: number;
  readonly responseSize: number;
}

/** An answer. @throws {HttpFailure} 502 */
export function readAnswer(
  value: unknown,
  { headerSize, responseSize }: AnswerBounds,
): { readonly head: AnswerHead; readonly body: Uint8Array<ArrayBuffer> } {
  const answer = record(value, ANSWER_KEYS), head = headOf(answer, headerSize);
  const { body, json, base64 = false } = answer;
  if (typeof base64 !== "boolean") throw bad('"base64" is neither true nor false');
  if (Object.hasOwn(answer, "json")) {
    if (body !== undefined && body !== null) throw bad('it has both "body" and "json"');
    if (!head.headers.has("content-type")) head.headers.set("content-type", "application/json");
    return { head, body: ENCODER.encode(textOf(json, responseSize)) };
  }
  if (body === undefined || body === null) return { head, body: new Uint8Array() };
  if (body instanceof Uint8Array) return { head, body: new Uint8Array(body) };
  if (typeof body !== "string") throw bad('"body" is no text');
  if (base64) {
    try {
      return { head, body: Uint8Array.fromBase64(body) };
    } catch {
      throw bad('"body" is no base64');
    }
  }
  if (!head.headers.has("content-type")) head.headers.set("content-type", "text/plain; charset=utf-8");
  return { head, body: ENCODER.encode(body) };
}

function textOf(json: unknown, responseSize: number): string {
  try {
    return sizedJson(json, responseSize);
  } catch (error) {
    if (error instanceof JsonRefusal) throw bad(error.message);
    throw error;
  }
}

function headOf({ status = 200, headers = [] }: Record<string, unknown>, headerSize: number): AnswerHead {
  if (typeof status !== "number") throw bad('"status" is no number');
  const lines = Array.isArray(headers) ? headers.map(pair) : pairsOf(headers);
  if (lines.reduce((size, [name, value]) => size + name.length + value.length + 4, 0) > headerSize) {
    throw bad(`it has a head of more than ${headerSize} bytes`);
  }
  return answerHead(status, lines);
}

function pair(value: unknown): HeaderLine {
  if (Array.isArray(value) && value.length === 2) {
    const [name, text] = value as unknown[]; // of two, and any
    if (typeof name === "string" && typeof text === "string") return [name, text];
  }
  throw bad("a header is no pair of texts");
}

function pairsOf(headers: unknown): HeaderLine[] {
  if (typeof headers !== "object" || headers === null) throw bad('"headers" is neither a list nor a record');
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]): HeaderLine[] =>
    Array.isArray(value) ? value.map((one) => pair([name, one])) : [pair([name, value])]
  );
}

function record(value: unknown, keys: ReadonlySet<string>): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw bad("it is no record");
  }
  if (Object.keys(value).some((key) => !keys.has(key))) {
    throw bad(`it says more than ${[...keys].join(", ")}`);
  }
  return value as Record<string, unknown>; // as was checked
}

function bad(why: string): HttpFailure {
  return new HttpFailure(502, `the guest's answer is wrong: ${why}`);
}
