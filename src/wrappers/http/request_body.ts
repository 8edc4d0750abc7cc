/** The body of a request within its bounds: as a stream, or whole. */
import type { BudgetShare } from "./byte_budget.ts";
import { HttpFailure } from "./http_failure.ts";
import { SYSTEM_TIMERS, type Timers } from "../../sandbox/timers.ts";

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
    cancel: async () => {
      await source.return(undefined);
      if (!request.body?.locked) await request.body?.cancel(); // where nothing was read of it
    },
  }, { highWaterMark: 0 });
}

/** What bounds a body that is held. */
export interface WholeBodyOptions {
  /** Bytes that it may have. */
  readonly most: number;
  /** Bytes that it says it has; undefined where it says nothing. */
  readonly declared: number | undefined;
  /** Milliseconds that it may take to come. */
  readonly timeout: number;
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** What the bytes are held of. */
  readonly share: BudgetShare;
  /** @default those of the machine */
  readonly timers?: Timers;
}

/**
 * A body, whole. Bytes are copied as they come: a piece may be a small part of a large buffer of the server's.
 *
 * @throws {HttpFailure} 413 for more than `most`, 408 when it does not come in time, 499 for a client that left, 503
 */
export async function wholeBody(
  request: Request,
  { most, declared = most, timeout, signal, share, timers = SYSTEM_TIMERS }: WholeBodyOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return NOTHING;
  const source = pieces(request, most), stopped = Promise.withResolvers<never>();
  const leave = () => stopped.reject(new HttpFailure(499, "the client has gone"));
  stopped.promise.catch(() => {});
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  const inTime = timers.after(
    timeout,
    () => stopped.reject(new HttpFailure(408, "the body of the request did not come in time")),
    true,
  );
  let bytes: Uint8Array<ArrayBuffer> = NOTHING, size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([stopped.promise, source.next()]);
      if (done) return bytes.subarray(0, size);
      if (size + value.length > bytes.length) {
        const grown = Math.max(size + value.length, Math.min(2 * bytes.length, declared));
        share.take(grown - bytes.length);
        bytes = enlarged(bytes, grown);
      }
      bytes.set(value, size);
      size += value.length;
    }
  } catch (error) {
    void source.return(undefined).catch(() => {}); // waits for a piece that may never come
    void request.body.cancel?.().catch(() => {});
    throw error instanceof HttpFailure ? error : new HttpFailure(499, "the client has gone");
  } finally {
    signal.removeEventListener("abort", leave);
    inTime();
  }
}

function enlarged(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(bytes);
  return grown;
}
