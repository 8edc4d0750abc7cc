import type { GuestChannel } from "./guest_channel.ts";

type Message = Uint8Array<ArrayBuffer>;
type Read = IteratorResult<Message, undefined>;

/**
 * A loop over what a guest sends, up to the end. Written by hand, because a generator that waits for a message could not
 * be left: leaving the loop ends such waits, and a message that comes later stays in the channel.
 */
export class ChannelMessages implements AsyncIterableIterator<Message, undefined>, AsyncDisposable {
  readonly #channel: Pick<GuestChannel, "receive">;
  readonly #leaving: AbortController = new AbortController();

  constructor(channel: Pick<GuestChannel, "receive">) {
    this.#channel = channel;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next message, when it is there. */
  async next(): Promise<Read> {
    const { signal } = this.#leaving;
    try {
      const value = signal.aborted ? undefined : await this.#channel.receive({ signal });
      if (value !== undefined) return { done: false, value };
      this.#leaving.abort(); // the guest may begin anew, this loop does not
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return { done: true, value: undefined };
  }

  /** Leaves the loop. */
  return(): Promise<Read> {
    this.#leaving.abort();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** As {@linkcode return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
