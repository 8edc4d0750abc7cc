/** Requests and answers as messages of HTTP/1.1, for guests that take and return bytes. */
import { type AnswerHead, answerHead } from "./guest_headers.ts";
import { headerLines, HeadReader } from "./head_reader.ts";
import type { HttpExchange } from "./http_exchange.ts";
import { HttpFailure } from "./http_failure.ts";

/** A request line, headers, an empty line, the body. The length of the body is always said. */
export function requestMessage(
  { method, url, headers }: HttpExchange,
  body: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    ...headers.flatMap(([name, value]) => name === "content-length" ? [] : [`${name}: ${value}`]),
    ...(headers.some(([name]) => name === "host") ? [] : [`host: ${url.host}`]),
    `content-length: ${body.length}`,
  ];
  const head = latin1(`${lines.join("\r\n")}\r\n\r\n`), message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  return message;
}

/** Characters of headers are bytes. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** @throws {HttpFailure} 502 */
export function answerMessage(
  message: Uint8Array<ArrayBuffer>,
  headerSize: number,
): { readonly head: AnswerHead; readonly body: Uint8Array<ArrayBuffer> } {
  const reader = new HeadReader(headerSize), body = reader.add(message);
  if (body === undefined) throw new HttpFailure(502, "the guest's answer has no end of its head");
  const [first = "", ...lines] = reader.lines;
  const status = /^HTTP\/1\.[01] (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(first)?.[1];
  if (status === undefined) throw new HttpFailure(502, "the guest's answer has no status line");
  return { head: answerHead(Number(status), headerLines(lines)), body };
}
