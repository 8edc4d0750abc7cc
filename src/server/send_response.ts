/**
 * Writes answers to their connections. What fails amid its body cuts the connection off: a client is never told that a part is
 * the whole. It says nothing of the failure, neither to the client nor to a log: whoever made the body has.
 */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

type Pieces = ReadableStreamDefaultReader<Uint8Array>;

type Next = Awaited<ReturnType<Pieces["read"]>>;

/** Of an answer with a body that does not say what it is. */
const CONTENT_TYPE = "text/plain; charset=UTF-8";

/** RFC 9110, section 8.6. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);

/** Ends when the answer has gone out, or cannot any more. Never rejects. */
export async function sendResponse(
  { status, headers, body }: Response,
  outgoing: ServerResponse,
): Promise<void> {
  const pieces: Pieces | undefined = body?.getReader();
  const leave = () => void pieces?.cancel().catch(() => {});
  outgoing.once("close", leave); // also when all was sent, where nothing is left to cancel
  if (outgoing.destroyed) return leave();
  try {
    const first = pieces === undefined ? END : await early(pieces);
    if (outgoing.destroyed) return;
    outgoing.writeHead(status, fieldsOf({ status, headers, body }, first, outgoing.req.method));
    if (pieces === undefined || first.done) return void outgoing.end(first.value);
    if (first.value === undefined) outgoing.flushHeaders();
    else await write(outgoing, first.value);
    for (let next = await first.next; !next.done; next = await pieces.read()) {
      if (outgoing.destroyed) return;
      await write(outgoing, next.value);
    }
    outgoing.end();
  } catch {
    leave();
    outgoing.destroy();
  }
}

/** What is there of a body at once: all of it, or a piece, and then what comes next. */
interface Early {
  readonly done: boolean;
  readonly value: Uint8Array | undefined;
  readonly next: Promise<Next>;
}

const END: Early = { done: true, value: undefined, next: new Promise(() => {}) };

/** Looks whether a body is one piece, whose length can be said then. It is not waited for. */
async function early(pieces: Pieces): Promise<Early> {
  const turn = Promise.withResolvers<undefined>(), timer = setTimeout(() => turn.resolve(undefined), 0);
  try {
    const reading = pieces.read(), first = await Promise.race([reading, turn.promise]);
    if (first === undefined) return { done: false, value: undefined, next: reading };
    if (first.done) return END;
    const next = pieces.read(), second = await Promise.race([next, turn.promise]);
    return { done: second?.done === true, value: first.value, next };
  } finally {
    clearTimeout(timer);
  }
}

function fieldsOf(
  { status, headers, body }: Pick<Response, "status" | "headers" | "body">,
  { done, value }: Early,
  method: string | undefined,
): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {}, cookies = headers.getSetCookie();
  for (const [name, text] of headers) if (name !== "set-cookie") fields[name] = text;
  if (cookies.length > 0) fields["set-cookie"] = cookies;
  if (body !== null) fields["content-type"] ??= CONTENT_TYPE;
  if (done && !(method === "HEAD" && body === null) && !WITHOUT_BODY.has(status)) {
    fields["content-length"] ??= value?.length ?? 0;
  }
  return fields;
}

/** Ends when there is room for more, or the connection is gone. */
async function write(outgoing: ServerResponse, piece: Uint8Array): Promise<void> {
  if (outgoing.write(piece)) return;
  const { promise, resolve } = Promise.withResolvers<void>(), ready = () => resolve();
  outgoing.once("drain", ready);
  outgoing.once("close", ready);
  if (outgoing.destroyed) ready();
  await promise;
  outgoing.off("drain", ready);
  outgoing.off("close", ready);
}
