/**
 * The relay Worker, seen from the host: the guests and brokers that it was given, and the end of it. A runtime may
 * close one and start the next while the first still ends its processes; so what one reports concerns its own alone.
 */
import type { WorkerPort } from "./worker.ts";
import type { BrokerReport } from "../broker/messages.ts";
import type { RelayReport, RelayRequest } from "../relay/relay_messages.ts";

/** Milliseconds that a close waits for processes that were killed: the system may hold one up. */
const CLOSING_TIME = 2000;

/** Whom the relay tells of a guest or a broker. */
export interface Relayed {
  readonly onFailure: (why: string) => void;
  readonly onReport?: (report: BrokerReport) => void;
}

/** What is told of the relay itself. */
export interface RelayEvents {
  /** The last guest's and the last broker's process has ended. */
  readonly idle: () => void;
  /** It can relay nothing any more. */
  readonly failed: () => void;
}

export class RelayPort {
  readonly #worker: WorkerPort;
  readonly #events: RelayEvents;
  /** Guests and brokers by their numbers. */
  readonly #relayed: Map<number, Relayed> = new Map();
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(worker: WorkerPort, events: RelayEvents) {
    this.#worker = worker;
    this.#events = events;
    worker.onmessage = (event) => this.#report(event.data as RelayReport); // `as`: what our program sends
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    worker.onmessageerror = () => this.#fail("a message could not be read");
  }

  post(request: RelayRequest): void {
    this.#worker.postMessage(request);
  }

  /** Starts a guest or a broker. */
  start(request: Extract<RelayRequest, { kind: "guest" | "broker" }>, relayed: Relayed): void {
    this.post(request); // what cannot be sent is not waited for
    this.#relayed.set(request.id, relayed);
  }

  /** Ends a guest or a broker, unless its process has ended. */
  end(id: number): void {
    if (this.#relayed.has(id)) this.post({ kind: "end", id });
  }

  /** Ends all processes, then the relay. */
  async close(): Promise<void> {
    this.post({ kind: "close" });
    const late = setTimeout(this.#closed.resolve, CLOSING_TIME);
    await this.#closed.promise;
    clearTimeout(late);
    this.#worker.terminate();
  }

  #fail(why: string): void {
    this.#worker.terminate();
    this.#closed.resolve();
    this.#events.failed();
    const relayed = [...this.#relayed.values()];
    this.#relayed.clear();
    for (const { onFailure } of relayed) onFailure(`the relay failed: ${why}`);
  }

  #report(report: RelayReport): void {
    switch (report.kind) {
      case "lost":
        return this.#relayed.get(report.id)?.onFailure(report.why);
      case "report":
        return this.#relayed.get(report.id)?.onReport?.(report.report);
      case "ended":
        this.#relayed.delete(report.id);
        if (this.#relayed.size === 0) this.#events.idle();
        return;
      case "closed":
        return this.#closed.resolve();
    }
  }
}
