/**
 * The loop of a broker that serves many sandboxes at once. It never blocks: it awaits the bell, and whatever it serves
 * goes on beside. Bits of guests are looked at only when all mail has been read, so a message that was posted before a
 * request is seen before it.
 */
import { EventBatches } from "./event_batches.ts";
import type { AsyncMessage, AttachAsyncMessage, BrokerReport, StartAsyncMessage } from "./messages.ts";
import type { AuditEvent } from "../core/audit.ts";
import { BROKER_WORDS, LOOK_AROUND } from "../protocol/broker_words.ts";

/** A sandbox as the loop sees it: an `AsyncClient` of the broker's own kind. */
export interface LoopClient<OwnGrant> {
  serve(): void;
  narrow(grants: readonly OwnGrant[]): void;
  interrupt(): void;
  resume(): void;
  renew(): void;
  close(): Promise<void>;
}

type ClientOf<Attach extends AttachAsyncMessage<unknown>> = LoopClient<Attach["grants"][number]>;

export interface AsyncLoopOptions<Attach extends AttachAsyncMessage<unknown>> {
  readonly report: (report: BrokerReport) => void;
  /** Ends after so many milliseconds. */
  readonly delay: (milliseconds: number) => Promise<void>;
  /** A sandbox that comes. @param audit takes every decision about it */
  readonly client: (message: Attach, audit: (event: AuditEvent) => void) => ClientOf<Attach>;
  /** A sandbox does not come again. */
  readonly forget?: (sandbox: string) => void;
}

export class AsyncLoop<Attach extends AttachAsyncMessage<unknown>> {
  readonly #words: Int32Array;
  readonly #mail: Int32Array;
  readonly #options: AsyncLoopOptions<Attach>;
  readonly #events: EventBatches;
  readonly #clients: Map<number, ClientOf<Attach>> = new Map();
  /** Messages read; the first was the one that started the loop. */
  #read = 1;
  #closed = false;

  constructor(start: StartAsyncMessage, options: AsyncLoopOptions<Attach>) {
    this.#words = new Int32Array(start.words);
    this.#mail = new Int32Array(start.mail);
    this.#options = options;
    this.#events = new EventBatches((events) => options.report({ kind: "audit", events }));
  }

  /** Serves until the last message. */
  async run(): Promise<void> {
    this.#options.report({ kind: "ready" });
    while (!this.#closed) {
      const seen = Atomics.load(this.#words, BROKER_WORDS.bell);
      this.#serve();
      const wait = Atomics.waitAsync(this.#words, BROKER_WORDS.bell, seen, LOOK_AROUND);
      // A bell that rings without end must not keep sockets and messages from being served.
      const woken = await (wait.async ? wait.value : this.#options.delay(0));
      if (woken === "timed-out" && this.#isUpToDate) this.#clients.forEach((client) => client.serve());
    }
  }

  /** Reads one message. Ends when it has been done. */
  async message(message: AsyncMessage<Attach>): Promise<void> {
    this.#read++;
    const done = this.#handle(message);
    this.#serve();
    await done;
  }

  async #handle(message: AsyncMessage<Attach>): Promise<void> {
    switch (message.kind) {
      case "start":
        return;
      case "attach":
        this.#clients.set(message.slot, this.#options.client(message, (event) => this.#events.add(event)));
        return;
      case "narrow":
        this.#clients.get(message.slot)?.narrow(message.grants);
        return;
      case "interrupt":
        this.#clients.get(message.slot)?.interrupt();
        return;
      case "resume":
        this.#clients.get(message.slot)?.resume();
        return;
      case "renew":
        this.#clients.get(message.slot)?.renew();
        return;
      case "forget":
        this.#options.forget?.(message.sandbox);
        return;
      case "tell":
        this.#events.flush();
        this.#options.report({ kind: "told", slot: message.slot });
        return;
      case "detach": {
        const client = this.#clients.get(message.slot);
        this.#clients.delete(message.slot);
        await client?.close();
        this.#events.flush();
        this.#options.report({ kind: "detached", slot: message.slot });
        return;
      }
      case "close":
        this.#closed = true;
        await Promise.all([...this.#clients.values()].map((client) => client.close()));
        this.#clients.clear();
        this.#events.close();
        this.#options.report({ kind: "closed" });
        return;
    }
  }

  /** Whether all mail has been read. */
  get #isUpToDate(): boolean {
    return Atomics.load(this.#mail, 0) === this.#read;
  }

  #serve(): void {
    if (!this.#isUpToDate) return;
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
