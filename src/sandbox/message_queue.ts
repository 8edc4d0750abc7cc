/**
 * Messages on their way in one direction of a channel, within bounds that nobody can push: who puts waits while it is
 * full, who takes while it is empty, each first in, first out. Which side is the guest's is not known here.
 */

/** What a queue holds at most, and what it holds. */
export interface QueueSize {
  /** How many messages. */
  readonly messages: number;
  /** Their bytes. */
  readonly bytes: number;
}

/** How putting a message ended. */
export type Put = "put" | "full" | "ended";

/** What taking came to: a message; the length of one that is longer than it may be, and stays; the end; or nothing yet. */
export type Taken =
  | { readonly message: Uint8Array<ArrayBuffer> }
  | { readonly tooLong: number }
  | "ended"
  | "empty";

/** Something that is waited for, until it comes or nobody waits for it any more. */
export interface Waiting<Result> {
  readonly result: Promise<Result>;
  /**
   * Nobody waits any more, and nobody has looked at the result: nothing is put for them, and a message that was taken for
   * them is the next one again.
   *
   * @returns whether nothing came of it: false when the message was put, or the end has come
   */
  readonly leave: () => boolean;
}

interface Putter {
  readonly message: Uint8Array<ArrayBuffer>;
  readonly done: (put: Exclude<Put, "full">) => void;
}

interface Taker {
  /** Bytes of a message that it takes. */
  readonly most: number;
  readonly done: (taken: Exclude<Taken, "empty">) => void;
}

export class MessageQueue {
  readonly #bounds: QueueSize;
  /** From {@linkcode #first} on; what lies before it was taken. */
  #messages: (Uint8Array<ArrayBuffer> | undefined)[] = [];
  #first = 0;
  #bytes = 0;
  readonly #putters: Putter[] = [];
  readonly #takers: Taker[] = [];
  /** Whether nothing more will be put. */
  #sourceEnded = false;
  /** Whether nothing more will be taken, but what lies here. */
  #sinkEnded = false;

  constructor(bounds: QueueSize) {
    this.#bounds = bounds;
  }

  get size(): QueueSize {
    return { messages: this.#messages.length - this.#first, bytes: this.#bytes };
  }

  /** Puts a message that belongs to the queue from then on, if there is room and nobody waits to put one. */
  tryPut(message: Uint8Array<ArrayBuffer>): Put {
    if (this.#sourceEnded || this.#sinkEnded) return "ended";
    if (this.#putters.length > 0 || !this.#fits(message)) return "full";
    this.#push(message);
    this.#settle();
    return "put";
  }

  /** Waits until there is room. @param message no longer than the queue may hold */
  put(message: Uint8Array<ArrayBuffer>): Waiting<Exclude<Put, "full">> {
    return this.#wait(this.#putters, (done) => ({ message, done }));
  }

  /** Takes the oldest message, unless it is longer than `most` bytes. */
  tryTake(most: number): Taken {
    const taken = this.#pop(most);
    this.#settle();
    return taken;
  }

  /** Waits until there is a message, or the end. */
  take(most: number): Waiting<Exclude<Taken, "empty">> {
    let taken: Taken = "empty";
    const waiting = this.#wait<Taker, Exclude<Taken, "empty">>(
      this.#takers,
      (done) => ({ most, done: (found) => done(taken = found) }),
    );
    const leave = () => {
      if (waiting.leave()) return true;
      if (typeof taken !== "object" || !("message" in taken)) return false;
      const { message } = taken;
      taken = "empty"; // once
      this.#putBack(message);
      return true;
    };
    return { result: waiting.result, leave };
  }

  /** Nothing more will be put, but what waits to be; {@linkcode beginSource} takes that back. */
  endSource(): void {
    this.#sourceEnded = true;
    this.#settle();
  }

  beginSource(): void {
    this.#sourceEnded = false;
  }

  /** Nobody will wait for messages any more; what is here can be taken still. {@linkcode beginSink} takes that back. */
  endSink(): void {
    this.#sinkEnded = true;
    this.#settle();
  }

  beginSink(): void {
    this.#sinkEnded = false;
  }

  /** Who waits to put a message is refused. */
  refusePutters(): void {
    for (const { done } of this.#putters.splice(0)) done("ended");
    this.#settle();
  }

  /** Forgets the messages. */
  clear(): void {
    this.#messages = [];
    this.#first = this.#bytes = 0;
    this.#settle();
  }

  #wait<Entry, Result>(
    line: Entry[],
    entry: (done: (result: Result) => void) => Entry,
  ): Waiting<Result> {
    const { promise: result, resolve } = Promise.withResolvers<Result>(), own = entry(resolve);
    line.push(own);
    this.#settle();
    const leave = () => {
      const at = line.indexOf(own);
      if (at < 0) return false;
      line.splice(at, 1);
      this.#settle(); // it may have stood in the way of others
      return true;
    };
    return { result, leave };
  }

  #fits(message: Uint8Array): boolean {
    const { messages, bytes } = this.size;
    return messages < this.#bounds.messages && bytes + message.length <= this.#bounds.bytes;
  }

  #push(message: Uint8Array<ArrayBuffer>): void {
    this.#messages.push(message);
    this.#bytes += message.length;
  }

  /** Takes the oldest message, unless it is too long. Nobody who waits is served. */
  #pop(most: number): Taken {
    const message = this.#messages[this.#first];
    if (message === undefined) {
      return this.#sinkEnded || this.#sourceEnded ? "ended" : "empty"; // nobody waits to put into an empty queue
    }
    if (message.length > most) return { tooLong: message.length };
    this.#messages[this.#first++] = undefined;
    this.#bytes -= message.length;
    if (this.#first * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#first);
      this.#first = 0;
    }
    return { message };
  }

  /** Makes a message the next one again, though it may be one more than there should be. */
  #putBack(message: Uint8Array<ArrayBuffer>): void {
    this.#messages = [message, ...this.#messages.slice(this.#first)];
    this.#first = 0;
    this.#bytes += message.length;
    this.#settle();
  }

  /** Serves those who wait, as far as something is there for them. */
  #settle(): void {
    while (this.#servePutter() || this.#serveTaker());
  }

  /** @returns whether the first who waits to put is done */
  #servePutter(): boolean {
    const [putter] = this.#putters, ended = this.#sinkEnded;
    if (putter === undefined || !ended && !this.#fits(putter.message)) return false;
    this.#putters.shift();
    if (!ended) this.#push(putter.message);
    putter.done(ended ? "ended" : "put");
    return true;
  }

  /** @returns whether the first who waits to take is done */
  #serveTaker(): boolean {
    const [taker] = this.#takers, taken = taker === undefined ? "empty" : this.#pop(taker.most);
    if (taker === undefined || taken === "empty") return false;
    this.#takers.shift();
    taker.done(taken);
    return true;
  }
}
