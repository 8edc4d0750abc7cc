/**
 * Stands in for a broker's Worker on the host's side of a process boundary. Guests ring here as they do for a broker;
 * the frame goes to the broker's process, its answer comes back into the channel. What the host posts goes over
 * before any operation that was asked for later.
 *
 * The files broker in the other process cannot hold the lock that all file brokers of this process share. So it is
 * held here, for one operation on paths at a time, until the answer is there.
 */
import { readReport } from "./broker_report.ts";
import type { ChildEnd, RelayedChild, Sending } from "./child_process.ts";
import { errorText, failureText } from "./foreign_text.ts";
import { decodeTurned, encodeFrameHead, TURNED_HEAD } from "./packet_contents.ts";
import { FAILURE_SIZE, packet, type PacketKind, type PacketLimits, PACKETS, WireError } from "./wire.ts";
import type { BrokerReport } from "../broker/messages.ts";
import { PathLock } from "../broker/path_lock.ts";
import { BROKER_WORDS } from "../protocol/broker_words.ts";
import { decodeData, encodeData } from "../protocol/data.ts";
import { ERRNO } from "../protocol/errno.ts";
import { FRAME_START, FRAMES, TURNS, WORDS } from "../protocol/layout.ts";
import { type BrokerPerformer, operationOf, OPERATIONS } from "../protocol/operations.ts";
import { type LooseFrame, RelayEnd } from "../protocol/relay_end.ts";

/** A message to a broker's Worker, as far as it is read here: it carries memory that threads share, or none. */
export type BrokerPost =
  | {
    readonly kind: "start";
    readonly words: SharedArrayBuffer;
    readonly mail: SharedArrayBuffer;
    readonly lock?: SharedArrayBuffer;
    readonly changes?: SharedArrayBuffer;
  }
  | { readonly kind: "attach"; readonly slot: number; readonly channel: SharedArrayBuffer }
  | { readonly kind: "narrow" | "interrupt" | "resume" | "renew" | "tell" | "detach" | "forget" | "close" };

/** Bytes of a report: decisions, in batches. */
const REPORT_SIZE = 4 * 1024 * 1024;

/** The packets that may come from a broker's child. */
export function brokerPacketLimits(frameSize: number): PacketLimits {
  return {
    [PACKETS.turned]: TURNED_HEAD + frameSize,
    [PACKETS.report]: REPORT_SIZE,
    [PACKETS.failed]: FAILURE_SIZE,
  };
}

export interface BrokerRelayOptions {
  readonly performer: BrokerPerformer;
  readonly onReport: (report: BrokerReport) => void;
  readonly onLost: (why: string) => void;
}

interface Client {
  readonly end: RelayEnd;
  /** Whether its operation is to be answered by the broker. */
  away: boolean;
  /** That operation, once it is sent. */
  asked?: Sending | undefined;
}

/** An operation that a sandbox asks for. */
interface Asked {
  readonly slot: number;
  readonly client: Client;
  readonly frame: LooseFrame;
}

export class BrokerRelay {
  readonly #child: RelayedChild;
  readonly #options: BrokerRelayOptions;
  readonly #clients: Map<number, Client> = new Map();
  #words: Int32Array = new Int32Array(0);
  #mail: Int32Array = new Int32Array(0);
  #lock: PathLock | undefined;
  /** Ends when the operation on paths before has been answered. */
  #paths: Promise<void> = Promise.resolve();
  /** Called when the operation on paths that is under way has been answered, or never will be. */
  #pathDone: { readonly slot: number; readonly done: () => void } | undefined;
  #read = 0;
  #ended = false;

  constructor(child: RelayedChild, options: BrokerRelayOptions) {
    this.#child = child;
    this.#options = options;
  }

  /** Sends a message to the broker. */
  post(message: BrokerPost): void {
    this.#read++;
    this.#child.tell(packet(PACKETS.post, encodeData(this.#unshared(message))));
    if (message.kind === "start") void this.#run();
    else this.#serve();
  }

  /** Ends the broker's process. */
  close(): void {
    this.#end();
    this.#child.kill();
  }

  /** Takes a packet from the child. @throws {Error} for what it may not send */
  packet(kind: PacketKind, content: Uint8Array<ArrayBuffer>): void {
    if (this.#ended) return;
    switch (kind) {
      case PACKETS.turned:
        return this.#answer(content);
      case PACKETS.report:
        return this.#report(readReport(decodeData(content)));
      case PACKETS.failed:
        return this.#child.kill(failureText(content));
      default:
        throw new WireError(`Cannot take a packet of kind ${kind} from a broker`);
    }
  }

  /** The child is gone. */
  childEnded({ why }: ChildEnd): void {
    if (this.#ended) return;
    this.#end();
    this.#options.onLost(why);
  }

  #end(): void {
    this.#ended = true;
    this.#pathDone?.done();
    Atomics.notify(this.#words, BROKER_WORDS.bell);
  }

  /** Keeps what is shared, and says instead how large it is. */
  #unshared(message: BrokerPost): object {
    if (message.kind === "start") {
      const { words, mail, lock, changes, ...rest } = message;
      this.#words = new Int32Array(words);
      this.#mail = new Int32Array(mail);
      if (lock !== undefined) this.#lock = new PathLock(lock);
      const { performer } = this.#options;
      return { ...rest, performer, words: words.byteLength, changes: changes?.byteLength ?? 0 };
    }
    if (message.kind !== "attach") return message;
    const { channel, ...rest } = message;
    this.#clients.set(message.slot, { end: new RelayEnd(channel, "broker"), away: false });
    return { ...rest, channel: channel.maxByteLength - FRAME_START };
  }

  async #run(): Promise<void> {
    try {
      while (!this.#ended) {
        const seen = Atomics.load(this.#words, BROKER_WORDS.bell);
        this.#serve();
        const wait = Atomics.waitAsync(this.#words, BROKER_WORDS.bell, seen);
        if (wait.async) await wait.value;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends the broker: guests that it left waiting would wait for ever, and other children have this thread as well. */
  #fail(error: unknown): void {
    this.#child.kill(`its relay failed: ${errorText(error)}`);
  }

  /** Sends what guests ask for. While mail is on its way nothing is: it may take away what is asked for. */
  #serve(): void {
    if (this.#ended || Atomics.load(this.#mail, 0) !== this.#read) return;
    for (let word: number = BROKER_WORDS.ready; word < this.#words.length; word++) {
      let bits = Atomics.exchange(this.#words, word, 0);
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits);
        bits &= ~(1 << bit);
        this.#ask((word - BROKER_WORDS.ready) * 32 + bit);
      }
    }
  }

  #ask(slot: number): void {
    const client = this.#clients.get(slot), { performer } = this.#options;
    if (client === undefined || client.away || client.end.turnWord !== TURNS[performer]) return;
    client.away = true;
    const frame = client.end.takeFrame();
    if (this.#lock === undefined || !isOnPaths(frame)) return this.#send(slot, client, frame);
    const lock = this.#lock, asked = { slot, client, frame };
    this.#paths = this.#paths.then(() => this.#sendLocked(lock, asked)).catch((error) => this.#fail(error));
  }

  /** Sends an operation on paths when it has the lock, and holds that until the answer is there. */
  async #sendLocked(lock: PathLock, { slot, client, frame }: Asked): Promise<void> {
    const isGone = () => this.#ended || this.#clients.get(slot) !== client;
    if (isGone()) return;
    const release = await lock.acquire();
    try {
      if (isGone()) return;
      if (release === undefined) return this.#refuse(client);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#pathDone = { slot, done: resolve };
      this.#send(slot, client, frame);
      await promise;
    } finally {
      this.#pathDone = undefined;
      release?.();
    }
  }

  #send(slot: number, client: Client, frame: LooseFrame): void {
    const head = encodeFrameHead({ slot, control: client.end.control, frame });
    client.asked = this.#child.send(packet(PACKETS.frame, head, frame.bytes));
  }

  /** The lock does not become free: what a broker of this process would answer. */
  #refuse(client: Client): void {
    client.away = false;
    client.end.writer().u32(ERRNO.busy);
    client.end.passWritten(TURNS.guest, FRAMES.answer, WORDS.guestBell);
  }

  #answer(content: Uint8Array): void {
    const { slot, turn, frame } = decodeTurned(content), client = this.#clients.get(slot);
    if (client === undefined || !client.away) {
      throw new WireError("Cannot take an answer that nobody waits for");
    }
    if (!client.asked?.written) throw new WireError("Cannot take an answer to what is unread");
    if (turn !== TURNS.guest) throw new WireError(`Cannot give a broker's turn to ${turn}`);
    client.away = false;
    client.asked = undefined;
    client.end.putFrame({ kind: FRAMES.answer, bytes: frame.bytes });
    client.end.pass(TURNS.guest, WORDS.guestBell);
    if (this.#pathDone?.slot === slot) this.#pathDone.done();
  }

  #report(report: BrokerReport): void {
    if (report.kind === "detached") {
      this.#clients.delete(report.slot);
      if (this.#pathDone?.slot === report.slot) this.#pathDone.done();
    }
    this.#options.onReport(report);
  }
}

/** Whether a frame asks for an operation that resolves a path. */
function isOnPaths({ bytes }: LooseFrame): boolean {
  if (bytes.length < 4) return false;
  const name = operationOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true));
  return name !== undefined && "directory" in OPERATIONS[name].request;
}
