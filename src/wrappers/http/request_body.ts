/** The body of a request within its bounds: as a stream, or whole. */
import { HttpFailure } from "./http_failure.ts";

const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array();

/**
 * The length that a request gives its body; undefined where it gives none.
 *
 * @throws {HttpFailure} 400 for what is no length, 413 for more than `most`
 */
export function declaredLength(request: Request, most: number): number | undefined {
  const text = request.headers.get("content-length");
  if (text === null) return request.body === null ? 0 : undefined;
  if (!/^\d{1,15}$/.test(text)) throw new HttpFailure(400, "the request has a length that is none");
  const length = Number(text);
  if (length > most) throw new HttpFailure(413, `the request has ${length} bytes, ${most} are allowed`);
  return length;
}

/** The pieces of a body, as they come. @throws {HttpFailure} 413 for more than `most` */
async function* pieces(request: Request, most: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return;
  let size = 0;
  for await (const piece of request.body) {
    size += piece.length;
    if (size > most) throw new HttpFailure(413, `the request has more than ${most} bytes`);
    yield piece;
  }
}

/**
 * A body as a stream of no more than `most` bytes. What is read of it is read of the client: who does not read holds the
 * client up.
 *
 * @param failed told why it ends early, before whoever reads is
 */
export function bodyStream(
  request: Request,
  most: number,
  failed: (error: unknown) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = pieces(request, most);
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        failed(error);
        controller.error(error);
      }
    },
    cancel: async () => void await source.return(undefined),
  }, { highWaterMark: 0 });
}

/** A body, whole. @throws {HttpFailure} 413 for more than `most`, 408 when it does not come in time, 499 for a client that left */
export async function wholeBody(
  request: Request,
  { most, signal }: { readonly most: number; readonly signal: AbortSignal },
): Promise<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return NOTHING;
  const source = pieces(request, most), parts: Uint8Array<ArrayBuffer>[] = [];
  const stopped = Promise.withResolvers<never>(), stop = () => stopped.reject(signal.reason);
  stopped.promise.catch(() => {});
  signal.addEventListener("abort", stop);
  let size = 0;
  try {
    signal.throwIfAborted();
    for (;;) {
      const { done, value } = await Promise.race([source.next(), stopped.promise]);
      if (done) break;
      parts.push(value);
      size += value.length;
    }
  } catch (error) {
    void request.body.cancel?.().catch(() => {});
    if (error instanceof HttpFailure) throw error;
    if (error instanceof DOMException && error.name === "TimeoutError") {
      throw new HttpFailure(408, "the body of the request did not come in time");
    }
    throw new HttpFailure(499, "the client has gone");
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
