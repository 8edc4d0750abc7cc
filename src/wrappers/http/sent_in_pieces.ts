/** A body that is there, whole, as a stream: a client that reads slowly is sent no more than it takes. */

/** Bytes of a piece; a body of no more is sent at once. */
export const PIECE_SIZE: number = 64 * 1024;

/** @param gone called once, when all of it was taken, or nobody wants the rest */
export function sentInPieces(
  body: Uint8Array<ArrayBuffer>,
  gone: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      controller.enqueue(body.slice(at, at + PIECE_SIZE)); // its own bytes: a reader may transfer them
      at += PIECE_SIZE;
      if (at < body.length) return;
      controller.close();
      gone();
    },
    cancel: gone,
  }, { highWaterMark: 0 });
}
