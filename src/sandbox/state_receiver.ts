/** Puts a guest's state together, which comes in pieces while the guest waits. */
import { plainText } from "../core/plain_text.ts";
import { AegisError } from "../core/errors.ts";
import { FrameError, type FrameReader } from "../protocol/frame.ts";
import { PIECES } from "../protocol/layout.ts";

/** Bytes of a state beside the memories of the guest. */
const MOST_BESIDE_MEMORY = 256 * 1024 * 1024;

/** UTF-16 units of a reason that are believed. */
const MOST_WORDS = 1000;

export class StateReceiver {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #done = false;
  readonly #received = Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>();
  readonly #most: number;

  /** @param memoryLimit bytes that the guest's memories may have */
  constructor(memoryLimit: number) {
    this.#most = 2 * memoryLimit + MOST_BESIDE_MEMORY;
    this.#received.promise.catch(() => {}); // whoever asked hears of it
  }

  /** The whole; undefined when the request ended before. Fails when the guest cannot be saved. */
  get received(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#received.promise;
  }

  /** Takes a piece. @throws {FrameError} for what no guest of ours sends */
  take(reader: FrameReader): void {
    const kind = reader.u8();
    if (this.#done) throw new FrameError("Cannot take more than one state");
    if (kind === PIECES.refused) {
      this.#done = true;
      const why = plainText(reader.string(), MOST_WORDS);
      this.#received.reject(new AegisError("NotSaved", `Cannot save the guest: ${why}`));
      return;
    }
    const piece = reader.bytes();
    this.#bytes += piece.length;
    if (this.#bytes > this.#most) throw new FrameError("Cannot take a state larger than the guest");
    this.#pieces.push(piece);
    if (kind === PIECES.more) return;
    this.#done = true;
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const each of this.#pieces) {
      whole.set(each, at);
      at += each.length;
    }
    this.#received.resolve(whole);
  }

  /** The request is over. */
  end(): void {
    this.#done = true;
    this.#received.resolve(undefined);
  }
}
