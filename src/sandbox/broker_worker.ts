/**
 * A broker's Worker, seen from the host: the words that both share, its mail, and the sandboxes that it serves. Guests
 * wait for a broker without a time limit, so when one fails, whoever waits for it is answered here, and stopped.
 */
import { STARTING_TIME, type WorkerPort } from "./worker.ts";
import { AegisError } from "../core/errors.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { BrokerReport } from "../broker/messages.ts";
import type { BrokerLink } from "../protocol/broker_link.ts";
import type { HostEnd } from "../protocol/channel.ts";
import { BROKER_WORDS } from "../protocol/broker_words.ts";
import type { BrokerPerformer } from "../protocol/operations.ts";

/** A sandbox as a broker's Worker knows it. */
export interface BrokerClient {
  readonly channel: HostEnd;
  /** Called when the broker failed: the sandbox can do nothing with it any more. */
  readonly lose: (why: string) => void;
}

export interface BrokerSettings {
  /** Starts the broker's program with the permissions that it shall have. */
  readonly start: () => WorkerPort;
  /** Sandboxes that can be attached at once. */
  readonly slots: number;
  readonly performer: BrokerPerformer;
  readonly audit: (events: readonly AuditEvent[]) => void;
}

/** Milliseconds that the host waits for a broker to let go: the system may hold it up, and nothing can stop that. */
const GRACE = 1000;

/** The same until it has told what it decided: a machine with ten times as many threads at work as cores takes two seconds. */
const TELLING_GRACE = 3000;

async function inTime(promise: Promise<void>, grace = GRACE): Promise<boolean> {
  const late = Promise.withResolvers<boolean>(), timer = setTimeout(() => late.resolve(false), grace);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export class BrokerWorker<Message extends { readonly kind: string }> {
  readonly words: SharedArrayBuffer;
  /** Counts the messages that were posted. */
  readonly mail: SharedArrayBuffer = new SharedArrayBuffer(4);
  readonly #mail: Int32Array = new Int32Array(this.mail);
  readonly #view: Int32Array;
  readonly #worker: WorkerPort;
  readonly #settings: BrokerSettings;
  readonly #clients: (BrokerClient | undefined)[] = [];
  readonly #detaching: Map<number, () => void> = new Map();
  /** Of each slot those who wait until it has been told of, in order. */
  readonly #telling: Map<number, (() => void)[]> = new Map();
  readonly #started: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Gives it up if it does not start. */
  readonly #late: ReturnType<typeof setTimeout>;
  #failed: string | undefined;

  constructor(settings: BrokerSettings) {
    this.#settings = settings;
    const count = BROKER_WORDS.ready + Math.ceil(settings.slots / 32);
    this.words = new SharedArrayBuffer(4 * count);
    this.#view = new Int32Array(this.words);
    this.#worker = settings.start();
    this.#worker.onmessage = (event) => this.#report(event.data as BrokerReport); // `as`: what our program sends
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    this.#worker.onmessageerror = () => this.#fail("a message could not be read");
    this.#late = setTimeout(() => this.#fail(`it did not start within ${STARTING_TIME} ms`), STARTING_TIME);
    this.#started.promise.catch(() => {}).finally(() => clearTimeout(this.#late));
  }

  /** Ends when the broker serves. @throws {AegisError} `GuestFault` when it could not start */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Posts a message; the broker sees it before it serves anything that is asked for later. */
  post(message: Message): void {
    Atomics.add(this.#mail, 0, 1);
    this.#worker.postMessage(message);
    Atomics.add(this.#view, BROKER_WORDS.bell, 1);
    Atomics.notify(this.#view, BROKER_WORDS.bell);
  }

  /** Takes a sandbox in. @throws {AegisError} `GuestFault` when the broker has failed */
  take(client: BrokerClient): number {
    if (this.#failed !== undefined) throw this.#failure(this.#failed);
    const free = this.#clients.indexOf(undefined), slot = free < 0 ? this.#clients.length : free;
    if (slot >= this.#settings.slots) {
      throw new AegisError(
        "TooManySandboxes",
        `The ${this.#settings.performer} broker serves ${slot} sandboxes already`,
      );
    }
    this.#clients[slot] = client;
    return slot;
  }

  /** How the guest in a slot reaches the broker. */
  link(slot: number): BrokerLink {
    return {
      words: this.#view,
      bell: BROKER_WORDS.bell,
      readyWord: BROKER_WORDS.ready + (slot >>> 5),
      readyBit: 1 << (slot & 31),
    };
  }

  /** The same, where the broker may have failed: nobody is told that the message came to nothing. */
  send(message: Message): void {
    if (this.#failed === undefined) this.post(message);
  }

  /**
   * Has the broker tell what it has decided about the sandbox in a slot by now.
   *
   * @returns whether all of it was told: not by a broker that the system holds up
   */
  async told(slot: number, message: Message): Promise<boolean> {
    if (this.#failed !== undefined) return true; // nothing comes any more
    const { promise, resolve } = Promise.withResolvers<void>(), waiting = this.#telling.get(slot) ?? [];
    this.#telling.set(slot, waiting);
    waiting.push(resolve);
    this.post(message);
    return await inTime(promise, TELLING_GRACE);
  }

  /** Gives a slot back once the broker has closed what its sandbox had open, and told all about it. */
  async release(slot: number, message: Message): Promise<void> {
    if (this.#failed === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#detaching.set(slot, resolve);
      this.post(message);
      // A slot that is not given back in time stays taken until it is: the broker may still write to its channel.
      await inTime(promise);
    } else this.#clients[slot] = undefined;
  }

  /** Ends the Worker; it closes itself, since it may hold the lock that all brokers share. */
  async close(message: Message): Promise<void> {
    if (this.#failed === undefined) {
      this.post(message);
      await inTime(this.#ended.promise);
    }
    clearTimeout(this.#late);
    this.#worker.terminate();
  }

  #report(report: BrokerReport): void {
    switch (report.kind) {
      case "ready":
        return this.#started.resolve();
      case "audit":
        return this.#settings.audit(report.events);
      case "told":
        this.#telling.get(report.slot)?.shift()?.();
        return;
      case "detached":
        this.#telling.delete(report.slot);
        this.#detaching.get(report.slot)?.();
        this.#detaching.delete(report.slot);
        this.#clients[report.slot] = undefined; // late, too
        return;
      case "closed":
        return this.#ended.resolve();
    }
  }

  #failure(why: string): AegisError {
    return new AegisError("GuestFault", `The ${this.#settings.performer} broker failed: ${why}`);
  }

  #fail(why: string): void {
    if (this.#failed !== undefined) return;
    this.#failed = why;
    this.#started.reject(this.#failure(why));
    this.#ended.resolve();
    for (const resolve of this.#detaching.values()) resolve();
    for (const waiting of this.#telling.values()) waiting.forEach((resolve) => resolve());
    for (const client of this.#clients) {
      client?.lose(`the ${this.#settings.performer} broker failed`);
      client?.channel.answerInPlaceOf(this.#settings.performer);
    }
    this.#worker.terminate();
  }
}
