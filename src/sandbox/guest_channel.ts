import { describeValue } from "./arguments.ts";
import type { ChannelEnds } from "./channel_ends.ts";
import type { QueueSize } from "./message_queue.ts";
import { AegisError, TypeMismatchError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** What waits in a channel to be read. */
export interface ChannelSizes {
  /** What the guest has not received yet. */
  readonly toGuest: QueueSize;
  /** What the host has not received yet. */
  readonly fromGuest: QueueSize;
}

const ENCODER = new TextEncoder();

/**
 * The host's end of a channel to a guest: messages in both directions, each a number of bytes that arrive together. Made
 * by `Sandbox.channel`. Both queues are bounded, and who sends waits while one is full: a guest that sends for ever
 * fills nothing, and a host that sends faster than the guest reads is held up.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create({ timeout: "5s" });
 * await using sandbox = await runtime.sandbox().build();
 * await using words = sandbox.channel("words", { capacity: 8 });
 * await sandbox.loadModule(await runtime.loadFile("examples/guest/relay.wasm"));
 * const relaying = sandbox.call("relay");
 * await words.send("one");
 * console.log(new TextDecoder().decode(await words.receive())); // ONE
 * words.end();
 * await relaying;
 * ```
 */
export class GuestChannel implements AsyncIterable<Uint8Array<ArrayBuffer>>, AsyncDisposable {
  /** The name under which the guest opens it. */
  readonly name: string;
  readonly #ends: ChannelEnds;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array | string> | undefined;

  /** Made by `Sandbox.channel`. */
  constructor(ends: ChannelEnds) {
    this.name = ends.name;
    this.#ends = ends;
  }

  /** What waits to be read at this moment. */
  get sizes(): ChannelSizes {
    return { toGuest: this.#ends.toGuest.size, fromGuest: this.#ends.fromGuest.size };
  }

  /**
   * Sends a message, text as UTF-8. Ends when it lies in the guest's queue, and waits while that is full. Bytes are
   * copied at once; messages arrive in the order of these calls.
   *
   * @throws {AegisError} `Closed` when either end is closed or the guest's life has ended, `InvalidOption` for a message
   * that is too long, `TypeMismatch`
   */
  async send(message: Uint8Array | string): Promise<void> {
    const bytes = this.#bytesOf(message), { toGuest } = this.#ends;
    let put = toGuest.tryPut(bytes);
    if (put === "full") put = await toGuest.put(bytes).result;
    if (put === "ended") throw this.#ended();
  }

  /** Sends a message if there is room for it. @returns whether there was @throws as {@linkcode send} */
  trySend(message: Uint8Array | string): boolean {
    const put = this.#ends.toGuest.tryPut(this.#bytesOf(message));
    if (put === "ended") throw this.#ended();
    return put === "put";
  }

  /**
   * The guest's next message; waits until there is one. Undefined at the end: everything was read, and an end is closed
   * or the guest's life has ended. A guest that opens the channel again may send more.
   */
  async receive(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = await this.#ends.fromGuest.take(Infinity).result;
    return typeof taken === "object" && "message" in taken ? taken.message : undefined;
  }

  /** The guest's next message, if there is one already. */
  tryReceive(): Uint8Array<ArrayBuffer> | undefined {
    const taken = this.#ends.fromGuest.tryTake(Infinity);
    return typeof taken === "object" && "message" in taken ? taken.message : undefined;
  }

  /** The guest's messages up to the end. Leaving the loop closes nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined, undefined> {
    for (let message = await this.receive(); message !== undefined; message = await this.receive()) {
      yield message;
    }
  }

  /**
   * The guest's messages up to the end as a stream, which takes none before it is asked for. Cancelling it closes the
   * channel.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        const message = await this.receive();
        if (message === undefined) controller.close();
        else controller.enqueue(message);
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  /** Sends each chunk as a message. Closing it is {@linkcode end}, aborting it closes the channel. */
  get writable(): WritableStream<Uint8Array | string> {
    return this.#writable ??= new WritableStream<Uint8Array | string>({
      write: (message) => this.send(message),
      close: () => this.end(),
      abort: () => this.close(),
    });
  }

  /** Sends nothing more: the guest hears of the end behind the last message. What it sends still arrives. */
  end(): void {
    this.#ends.toGuest.endSource();
  }

  /**
   * Closes the host's end, in both directions. What was sent can be read still, by the guest and here; who waits for
   * something is told of the end.
   */
  close(): Promise<void> {
    this.#ends.closeHost();
    return Promise.resolve();
  }

  /** As {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws {AegisError} `TypeMismatch`, `InvalidOption` */
  #bytesOf(message: Uint8Array | string): Uint8Array<ArrayBuffer> {
    if (typeof message !== "string" && !(message instanceof Uint8Array)) {
      throw new TypeMismatchError(
        `Cannot send to channel ${quote(this.name)}`,
        "bytes or text",
        describeValue(message),
      );
    }
    const bytes = typeof message === "string" ? ENCODER.encode(message) : new Uint8Array(message);
    const { messageSize } = this.#ends.bounds;
    if (bytes.length <= messageSize) return bytes;
    throw new AegisError(
      "InvalidOption",
      `Cannot send a message of ${bytes.length} bytes to channel ${
        quote(this.name)
      }: at most ${messageSize} are allowed`,
      { field: "messageSize", suggestion: "Send it in parts, or raise messageSize of the channel." },
    );
  }

  #ended(): AegisError {
    return new AegisError("Closed", `Cannot send to channel ${quote(this.name)}: an end of it is closed`);
  }
}
