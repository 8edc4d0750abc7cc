/**
 * The network broker's loop. It never blocks: it awaits the bell, and whatever it serves goes on beside. Bits of guests
 * are looked at only when all mail has been read, so a message that was posted before a request is seen before it.
 */
import type { BrokerReport, NetMessage, StartNetMessage } from "./messages.ts";
import { NetAudit } from "./net_audit.ts";
import { NetClient } from "./net_client.ts";
import type { NetPorts } from "./net_ports.ts";
import { BROKER_WORDS } from "../protocol/broker_words.ts";

export interface NetLoopOptions {
  readonly ports: NetPorts;
  readonly report: (report: BrokerReport) => void;
}

export class NetLoop {
  readonly #words: Int32Array;
  readonly #options: NetLoopOptions;
  readonly #audit: NetAudit;
  readonly #clients: Map<number, NetClient> = new Map();
  /** Messages read; the first was the one that started the loop. */
  #read = 1;
  #closed = false;

  constructor(start: StartNetMessage, options: NetLoopOptions) {
    this.#words = new Int32Array(start.words);
    this.#options = options;
    this.#audit = new NetAudit((events) => options.report({ kind: "audit", events }));
  }

  /** Serves until the last message. */
  async run(): Promise<void> {
    this.#options.report({ kind: "ready" });
    while (!this.#closed) {
      const seen = Atomics.load(this.#words, BROKER_WORDS.bell);
      this.#serve();
      const wait = Atomics.waitAsync(this.#words, BROKER_WORDS.bell, seen);
      // A bell that rings without end must not keep sockets and messages from being served.
      await (wait.async ? wait.value : this.#options.ports.delay(0));
    }
  }

  /** Reads one message. Ends when it has been done. */
  async message(message: NetMessage): Promise<void> {
    this.#read++;
    const done = this.#handle(message);
    this.#serve();
    await done;
  }

  async #handle(message: NetMessage): Promise<void> {
    switch (message.kind) {
      case "start":
        return;
      case "attach": {
        const { ports } = this.#options;
        const client = new NetClient(message, { ports, audit: (event) => this.#audit.add(event) });
        this.#clients.set(message.slot, client);
        return;
      }
      case "narrow":
        this.#clients.get(message.slot)?.narrow(message.grants);
        return;
      case "interrupt":
        this.#clients.get(message.slot)?.interrupt();
        return;
      case "detach": {
        const client = this.#clients.get(message.slot);
        this.#clients.delete(message.slot);
        await client?.close();
        this.#audit.flush();
        this.#options.report({ kind: "detached", slot: message.slot });
        return;
      }
      case "close":
        this.#closed = true;
        await Promise.all([...this.#clients.values()].map((client) => client.close()));
        this.#clients.clear();
        this.#audit.close();
        this.#options.report({ kind: "closed" });
        return;
    }
  }

  #serve(): void {
    if (Atomics.load(this.#words, BROKER_WORDS.mail) !== this.#read) return;
    for (let word: number = BROKER_WORDS.ready; word < this.#words.length; word++) {
      let bits = Atomics.exchange(this.#words, word, 0);
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits);
        bits &= ~(1 << bit);
        this.#clients.get((word - BROKER_WORDS.ready) * 32 + bit)?.serve();
      }
    }
  }
}
