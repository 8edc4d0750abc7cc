/**
 * Stands in for host and guests inside a broker's child process: the broker runs in a Worker, with channels of this
 * process, one for each sandbox. What the broker answers goes to the host.
 */
import type { SendPacket } from "./child_link.ts";
import { decodeFrame, encodeTurnedHead } from "./packet_contents.ts";
import { type PacketKind, PACKETS } from "./wire.ts";
import { BROKER_WORDS } from "../protocol/broker_words.ts";
import { decodeData, encodeData } from "../protocol/data.ts";
import { createSharedBuffer } from "../protocol/frame.ts";
import { TURNS, WORDS } from "../protocol/layout.ts";
import type { BrokerPerformer } from "../protocol/operations.ts";
import { RelayEnd } from "../protocol/relay_end.ts";

/** Messages as they come from the host's relay: sizes stand where memory was shared. */
type PostData =
  | {
    readonly kind: "start";
    readonly performer: BrokerPerformer;
    readonly words: number;
    readonly changes: number;
  }
  | { readonly kind: "attach"; readonly slot: number; readonly channel: number }
  | { readonly kind: "narrow" | "interrupt" | "resume" | "renew" | "tell" | "detach" | "forget" | "close" };

/** What a broker's child is made with. */
export interface BrokerChildPorts {
  readonly worker: Worker;
  readonly send: SendPacket;
  readonly fail: (why: string) => void;
}

interface Client {
  readonly end: RelayEnd;
  /** Whether the broker has the turn. */
  asked: boolean;
  gone: boolean;
}

export class BrokerChild {
  readonly #ports: BrokerChildPorts;
  readonly #clients: Map<number, Client> = new Map();
  readonly #mail: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  #words: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  #performer: BrokerPerformer = "files";

  constructor(ports: BrokerChildPorts) {
    this.#ports = ports;
    ports.worker.onmessage = (event: MessageEvent<{ readonly kind: string; readonly slot?: number }>) => {
      const { kind, slot } = event.data;
      if (kind === "detached" && slot !== undefined) this.#detach(slot);
      ports.send(PACKETS.report, encodeData(event.data));
    };
  }

  /** Takes a packet from the host. */
  packet(kind: PacketKind, content: Uint8Array<ArrayBuffer>): void {
    if (kind === PACKETS.frame) return this.#frame(content);
    if (kind !== PACKETS.post) return;
    const message = this.#shared(decodeData(content) as PostData); // `as`: only our relay writes to this process
    Atomics.add(this.#mail, 0, 1);
    this.#ports.worker.postMessage(message);
    this.#ring();
  }

  #ring(): void {
    Atomics.add(this.#words, BROKER_WORDS.bell, 1);
    Atomics.notify(this.#words, BROKER_WORDS.bell);
  }

  /** Makes what the broker's Worker is to share with this thread. */
  #shared(message: PostData): object {
    if (message.kind === "start") {
      const words = new SharedArrayBuffer(message.words);
      this.#words = new Int32Array(words);
      this.#performer = message.performer;
      const lock = new SharedArrayBuffer(4), changes = new SharedArrayBuffer(message.changes);
      return { ...message, words, mail: this.#mail.buffer, lock, changes };
    }
    if (message.kind !== "attach") return message;
    this.#detach(message.slot);
    const end = new RelayEnd(createSharedBuffer(message.channel), "guest"),
      client = { end, asked: false, gone: false };
    end.pass(TURNS.guest);
    this.#clients.set(message.slot, client);
    void this.#run(message.slot, client);
    return { ...message, channel: end.buffer };
  }

  #frame(content: Uint8Array): void {
    const { slot, control, frame } = decodeFrame(content), client = this.#clients.get(slot);
    if (client === undefined) return;
    client.end.setControl(control);
    client.end.putFrame(frame);
    client.asked = true;
    client.end.pass(TURNS[this.#performer]);
    Atomics.or(this.#words, BROKER_WORDS.ready + (slot >>> 5), 1 << (slot & 31));
    this.#ring();
  }

  async #run(slot: number, client: Client): Promise<void> {
    const { end } = client;
    while (!client.gone) {
      const seen = end.bellCount(WORDS.guestBell);
      this.#sendAnswer(slot, client);
      await end.rung(WORDS.guestBell, seen);
    }
  }

  #sendAnswer(slot: number, client: Client): void {
    const { end } = client;
    if (!client.asked || end.turnWord !== TURNS.guest) return;
    client.asked = false;
    try {
      const frame = end.takeFrame(), head = { slot, turn: TURNS.guest, readings: end.readings, frame };
      this.#ports.send(PACKETS.turned, encodeTurnedHead(head), frame.bytes);
    } catch (error) {
      this.#ports.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** The broker has let a sandbox go; what it answered before goes first. */
  #detach(slot: number): void {
    const client = this.#clients.get(slot);
    if (client === undefined) return;
    this.#sendAnswer(slot, client);
    client.gone = true;
    client.end.wake(WORDS.guestBell);
    this.#clients.delete(slot);
  }
}
