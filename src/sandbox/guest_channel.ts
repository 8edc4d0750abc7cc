import { describeValue } from "./arguments.ts";
import type { ChannelEnds } from "./channel_ends.ts";
import { ChannelMessages } from "./channel_messages.ts";
import { type ChannelWaitOptions, readWaitOptions, waitFor } from "./channel_wait.ts";
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
   * copied at once; messages arrive in the order of these calls. A message whose wait was cancelled is not sent.
   *
   * @throws {AegisError} `Closed` when either end is closed or the guest's life has ended, `InvalidOption` for a message
   * that is too long, `TypeMismatch`, `Cancelled`
   */
  async send(message: Uint8Array | string, options: ChannelWaitOptions = {}): Promise<void> {
    const bytes = this.#bytesOf(message), signal = readWaitOptions(options), { toGuest } = this.#ends;
    let put = toGuest.tryPut(bytes);
    if (put === "full") put = await waitFor(toGuest.put(bytes), signal);
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
   * or the guest's life has ended. A guest that opens the channel again may send more. A wait that was cancelled takes
   * nothing, so that `AbortSignal.timeout` loses no message, as a race with a timer would.
   *
   * @throws {AegisError} `Cancelled`, `InvalidOption`
   */
  async receive(options: ChannelWaitOptions = {}): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const signal = readWaitOptions(options);
    const taken = await waitFor(this.#ends.fromGuest.take(Infinity), signal);
    return typeof taken === "object" && "message" in taken ? taken.message : undefined;
  }

  /** The guest's next message, if there is one already. */
  tryReceive(): Uint8Array<ArrayBuffer> | undefined {
    const taken = this.#ends.fromGuest.tryTake(Infinity);
    return typeof taken === "object" && "message" in taken ? taken.message : undefined;
  }

  /** The guest's messages up to the end. Leaving the loop closes nothing, and ends a wait for the next one. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> {
    return new ChannelMessages(this);
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

  /**
   * Sends each chunk as a message. Closing it is {@linkcode end}. Aborting it closes the channel, and a chunk that waits
   * for room is not sent. `pipeTo` with a signal aborts it only when the chunk that it has written has found room, as web
   * streams do everywhere: to end such a pipe at once, {@linkcode close} the channel.
   */
  get writable(): WritableStream<Uint8Array | string> {
    return this.#writable ??= new WritableStream<Uint8Array | string>({
      write: (message, { signal }) => this.send(message, { signal }),
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
