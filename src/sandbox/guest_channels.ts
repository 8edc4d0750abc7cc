/**
 * The channels of one sandbox: those that the host has opened, by their names, and what the guest has open of them. A
 * channel that the host has not opened does not exist for the guest: opening it is the grant. Requests come from a
 * guest, so every number is looked up, and nothing is kept of more than the bounds say.
 */
import { ChannelEnds } from "./channel_ends.ts";
import { type ChannelOptions, readChannelOptions } from "./channel_options.ts";
import { GuestChannel } from "./guest_channel.ts";
import type { Put, Taken, Waiting } from "./message_queue.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { ERRNO } from "../protocol/errno.ts";
import { type Answer, LONGEST_CHANNEL_NAME, type RequestOf } from "../protocol/operations.ts";

/** Channels of a sandbox, and what its guest has open of them at once. */
const MOST_CHANNELS = 256, MOST_HANDLES = 64;

type Performed<Name extends "channelSend" | "channelReceive"> = Answer<Name> | Promise<Answer<Name>>;

export class GuestChannels {
  readonly #frameSize: number;
  readonly #clearing: boolean;
  readonly #channels: Map<string, ChannelEnds> = new Map();
  /** What the guest has open, by its handle less 1. */
  #handles: (ChannelEnds | undefined)[] = [];
  /** Leaves the queue that the guest waits at. */
  #leave: () => void = () => {};
  /** Whether the guest's life has ended, and the next one has not begun. */
  #lifeEnded = false;
  #closed = false;

  /** @param options `frameSize`: bytes of a frame; `clearing`: whether a new life of the guest finds empty queues */
  constructor(options: { readonly frameSize: number; readonly clearing: boolean }) {
    this.#frameSize = options.frameSize;
    this.#clearing = options.clearing;
  }

  /** Opens a channel, or anew one that was closed. @throws {AegisError} `InvalidOption`, `Closed` */
  create(name: string, options: ChannelOptions): GuestChannel {
    if (this.#closed) throw new AegisError("Closed", "The sandbox was closed");
    const length = typeof name === "string" ? new TextEncoder().encode(name).length : 0;
    if (length === 0 || length > LONGEST_CHANNEL_NAME) {
      throw invalid(
        `Cannot open channel ${quote(String(name))}: a name has 1 to ${LONGEST_CHANNEL_NAME} bytes`,
      );
    }
    const bounds = readChannelOptions(options, this.#frameSize);
    if (this.#channels.get(name)?.closed === false) {
      throw invalid(`Cannot open channel ${quote(name)}: it is open already`);
    }
    if (!this.#channels.has(name) && this.#channels.size >= MOST_CHANNELS) this.#forgetClosed();
    if (!this.#channels.has(name) && this.#channels.size >= MOST_CHANNELS) {
      throw invalid(`Cannot open channel ${quote(name)}: a sandbox has at most ${MOST_CHANNELS}`);
    }
    const ends = new ChannelEnds(name, bounds);
    if (this.#lifeEnded) ends.endGuest();
    const former = this.#channels.get(name); // nobody reads what lies there: its handles stay closed
    former?.endGuest();
    former?.toGuest.clear();
    this.#channels.set(name, ends);
    return new GuestChannel(ends);
  }

  /** Whether the host has opened a channel of that name. */
  has(name: string): boolean {
    return this.#channels.has(name);
  }

  /** The guest opens a channel. */
  open({ name }: RequestOf<"channelOpen">): Answer<"channelOpen"> {
    const ends = this.#channels.get(name);
    if (ends === undefined) return { errno: ERRNO.notcapable };
    if (!this.#handles.includes(undefined) && this.#handles.length >= MOST_HANDLES) this.#dropClosed();
    const free = this.#handles.indexOf(undefined), at = free < 0 ? this.#handles.length : free;
    if (at >= MOST_HANDLES) return { errno: ERRNO.mfile };
    this.#handles[at] = ends;
    ends.beginGuest();
    return { errno: ERRNO.success, reply: { channel: at + 1 } };
  }

  /** The guest sends. The bytes lie in a frame: they are copied. */
  send({ channel, wait, bytes }: RequestOf<"channelSend">): Performed<"channelSend"> {
    const ends = this.#handles[channel - 1];
    if (ends === undefined) return { errno: ERRNO.badf };
    if (bytes.length > ends.bounds.messageSize) return { errno: ERRNO.msgsize };
    const message = new Uint8Array(bytes), put = ends.fromGuest.tryPut(message);
    if (put !== "full") return sent(put);
    return wait === 0 ? { errno: ERRNO.again } : this.#wait(ends.fromGuest.put(message)).then(sent);
  }

  /** The guest receives. */
  receive({ channel, wait, room }: RequestOf<"channelReceive">): Performed<"channelReceive"> {
    const ends = this.#handles[channel - 1];
    if (ends === undefined) return { errno: ERRNO.badf };
    const taken = ends.toGuest.tryTake(room);
    if (taken !== "empty") return received(taken);
    return wait === 0 ? { errno: ERRNO.again } : this.#wait(ends.toGuest.take(room)).then(received);
  }

  /** The guest closes what it has open; with the last handle of a channel its end is closed. */
  close({ channel }: RequestOf<"channelClose">): Answer<"channelClose"> {
    const ends = this.#handles[channel - 1];
    if (ends === undefined) return { errno: ERRNO.badf };
    this.#handles[channel - 1] = undefined;
    if (!this.#handles.includes(ends)) ends.endGuest();
    return { errno: ERRNO.success, reply: {} };
  }

  /** Nobody waits for what is under way any more: the guest was stopped. */
  abandon(): void {
    this.#leave();
  }

  /** The guest's life has ended: it sends and receives nothing more. */
  endLife(): void {
    this.#lifeEnded = true;
    this.#handles = [];
    for (const ends of this.#channels.values()) ends.endGuest();
  }

  /** A new life begins. What is queued stays, unless other eyes will see it. */
  restart(): void {
    this.#lifeEnded = false;
    this.#handles = [];
    for (const [name, ends] of this.#channels) {
      if (this.#clearing) ends.forget();
      if (this.#clearing && ends.closed) this.#channels.delete(name); // it was opened for one use
      else ends.beginGuest();
    }
  }

  /** The sandbox is closed. What the guest has sent can be read still. */
  shut(): void {
    this.#closed = true;
    this.endLife();
    this.#channels.clear();
  }

  #wait<Result extends Exclude<Put, "full"> | Exclude<Taken, "empty">>(
    { result, leave }: Waiting<Result>,
  ): Promise<Result> {
    this.#leave = leave;
    return result;
  }

  /** Makes room for handles: a guest that never closes what the host has closed would run out of them. */
  #dropClosed(): void {
    this.#handles = this.#handles.map((ends) =>
      ends?.closed === true && ends.toGuest.size.messages === 0 ? undefined : ends
    );
  }

  /** Makes room for names: a channel that the host has closed stays for a guest that has yet to read it. */
  #forgetClosed(): void {
    for (const [name, { closed, toGuest }] of this.#channels) {
      if (closed && toGuest.size.messages === 0) this.#channels.delete(name);
    }
  }
}

function sent(put: Exclude<Put, "full">): Answer<"channelSend"> {
  return put === "put" ? { errno: ERRNO.success, reply: {} } : { errno: ERRNO.pipe };
}

function received(taken: Exclude<Taken, "empty">): Answer<"channelReceive"> {
  if (taken === "ended") return { errno: ERRNO.pipe };
  const reply = "message" in taken
    ? { length: taken.message.length, bytes: taken.message }
    : { length: taken.tooLong, bytes: new Uint8Array() };
  return { errno: ERRNO.success, reply };
}

function invalid(message: string): AegisError {
  return new AegisError("InvalidOption", message, { field: "name" });
}
