/** Bodies of requests, bounded in size; how long they may take is bounded where connections are. */
import { ServerError } from "./server_error.ts";
import { formatByteSize } from "../core/unit_text.ts";

/**
 * Reads the body of a request.
 *
 * @param most bytes
 * @throws {ServerError} `TooLarge`
 */
export async function readBytes(request: Request, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > most) throw tooLarge(most);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size > most) throw tooLarge(most);
    parts.push(part);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * A request whose body is no larger than that. What declares no length is read first.
 *
 * @param most bytes @throws {ServerError} `TooLarge`
 */
export async function boundedRequest(request: Request, most: number): Promise<Request> {
  const { url, method, headers } = request, length = headers.get("content-length");
  if (length !== null) {
    if (Number(length) > most) throw tooLarge(most);
    return request; // the server's parser reads no more than that
  }
  if (method === "GET" || method === "HEAD" || request.body === null) return request;
  return new Request(url, { method, headers, body: await readBytes(request, most) });
}

function tooLarge(most: number): ServerError {
  return new ServerError("TooLarge", `The body is larger than ${formatByteSize(most)}`);
}
