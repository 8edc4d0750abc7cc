/**
 * Messages between a guest and its host: module `aegis:channel`. A channel is there when the host has opened one of that
 * name. Every function but open() returns an error number of WASI, 0 for success. Names are UTF-8.
 *
 *     open(name, name_length)                     a handle, from 1; or an error number, negated
 *     send(channel, pointer, length)              waits while the host's queue is full
 *     try_send(channel, pointer, length)          again instead of waiting
 *     receive(channel, pointer, capacity, length)
 *         waits for a message, copies it, writes its length to `length`, a u32. One that is longer than `capacity` stays:
 *         its length is written, and the result is msgsize
 *     try_receive(channel, pointer, capacity, length)   again instead of waiting
 *     close(channel)
 *
 *     notcapable  the host has opened no such channel     mfile     64 handles are open
 *     pipe        the host has closed its end; to receive, nothing is left either
 *     msgsize     longer than a message of the channel may be, or than `capacity`
 *     again       full, or empty                          badf      no channel is open under that handle
 *     nametoolong the name has over 256 bytes             ilseq, fault, intr    as they say
 */
import { guestText } from "./guest_text.ts";
import type { WasiHost } from "./host.ts";
import type { ProvidedFunction } from "./provided_function.ts";
import { guestBytes, type GuestMemory } from "./wasi.ts";
import type { FuncType } from "../core/value.ts";
import { ERRNO } from "../protocol/errno.ts";
import { LONGEST_CHANNEL_NAME } from "../protocol/operations.ts";

export const CHANNEL_MODULE = "aegis:channel";

function type(params: number): FuncType {
  return { params: new Array<string>(params).fill("i32"), results: ["i32"] };
}

export const CHANNEL_FUNCTIONS = {
  open: type(2),
  send: type(3),
  try_send: type(3),
  receive: type(4),
  try_receive: type(4),
  close: type(1),
} as const satisfies Readonly<Record<string, FuncType>>;

type ChannelFunction = (memory: GuestMemory, args: readonly number[]) => number;

export class ChannelImports {
  /** Whether a channel was opened in this life. */
  used = false;
  readonly #host: WasiHost;

  constructor(host: WasiHost) {
    this.#host = host;
  }

  /** The function of that name for one instance. @throws {TypeError} for a name that is none */
  bind(name: string, memory: GuestMemory): ProvidedFunction {
    if (!Object.hasOwn(CHANNEL_FUNCTIONS, name)) {
      throw new TypeError(`No function ${name} in ${CHANNEL_MODULE}`);
    }
    const run = this.#functions[name as keyof typeof CHANNEL_FUNCTIONS]; // tested one line above
    return (...args) => run(memory, args.map((arg) => Number(arg) >>> 0));
  }

  /** A new life begins. */
  reset(): void {
    this.used = false;
  }

  readonly #functions: Readonly<Record<keyof typeof CHANNEL_FUNCTIONS, ChannelFunction>> = {
    open: (memory, [pointer = 0, length = 0]) => {
      if (length > LONGEST_CHANNEL_NAME) return -ERRNO.nametoolong;
      const name = guestText(guestBytes(memory, pointer, length));
      if (name === undefined) return -ERRNO.fault;
      if (name === null) return -ERRNO.ilseq;
      this.used = true;
      const { errno, reply } = this.#host.operations.perform("channelOpen", { name });
      return reply === undefined ? -errno : reply.channel;
    },
    send: (memory, args) => this.#send(memory, args, true),
    try_send: (memory, args) => this.#send(memory, args, false),
    receive: (memory, args) => this.#receive(memory, args, true),
    try_receive: (memory, args) => this.#receive(memory, args, false),
    close: (_memory, [channel = 0]) => this.#host.operations.perform("channelClose", { channel }).errno,
  };

  #send(
    memory: GuestMemory,
    [channel = 0, pointer = 0, length = 0]: readonly number[],
    waits: boolean,
  ): number {
    const bytes = guestBytes(memory, pointer, length);
    if (bytes === undefined) return ERRNO.fault;
    if (length > this.#host.room) return ERRNO.msgsize;
    if (waits) this.#host.flushOutput();
    return this.#host.operations.perform("channelSend", { channel, wait: waits ? 1 : 0, bytes }).errno;
  }

  #receive(
    memory: GuestMemory,
    [channel = 0, pointer = 0, capacity = 0, lengthAt = 0]: readonly number[],
    waits: boolean,
  ): number {
    const target = guestBytes(memory, pointer, capacity), written = guestBytes(memory, lengthAt, 4);
    if (target === undefined || written === undefined) return ERRNO.fault;
    if (waits) this.#host.flushOutput();
    const answer = this.#host.operations.perform("channelReceive", {
      channel,
      wait: waits ? 1 : 0,
      room: capacity,
    });
    if (answer.reply === undefined) return answer.errno;
    const { length, bytes } = answer.reply;
    const fits = length <= capacity;
    if (fits && bytes.length !== length) return ERRNO.io;
    if (fits) target.set(bytes);
    new DataView(written.buffer, written.byteOffset, 4).setUint32(0, length, true);
    return fits ? ERRNO.success : ERRNO.msgsize;
  }
}
