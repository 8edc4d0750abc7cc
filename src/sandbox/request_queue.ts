/** Requests to one guest: first in, first out, one under way at a time. */
import type { AegisEvents } from "./events.ts";
import type { ExecutionEvents } from "./execution_events.ts";
import type { GuestSession } from "./guest_session.ts";
import { AegisError } from "../core/errors.ts";

export class RequestQueue {
  readonly #session: GuestSession;
  readonly #events: AegisEvents;
  readonly #executions: ExecutionEvents;
  #last: Promise<void> = Promise.resolve();
  /** Requests that are under way or wait. */
  #pending = 0;
  #closed = false;

  /** @param told who is told what requests throw */
  constructor(
    session: GuestSession,
    told: { readonly events: AegisEvents; readonly executions: ExecutionEvents },
  ) {
    this.#session = session;
    this.#events = told.events;
    this.#executions = told.executions;
  }

  /** Whether requests are under way or wait. */
  get busy(): boolean {
    return this.#pending > 0;
  }

  /** Does what an embedder asks for; whoever listens is told what it throws. */
  told<Result>(ask: () => Promise<Result>): Promise<Result> {
    const asked = ask(), events = this.#events;
    if (events.active && !events.telling) asked.catch((error) => this.#executions.thrown(error));
    return asked;
  }

  /**
   * Runs a request after those before it, however they end.
   *
   * @throws {AegisError} `Reentrant`, `Closed`, and what the work throws
   */
  async add<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#session.inHostFunction) throw reentrant();
    const previous = this.#last, { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    this.#pending++;
    // Awaited, not chained: so an error that is thrown in here shows who has called.
    try {
      await previous;
      this.checkOpen();
      return await work();
    } finally {
      this.#pending--;
      resolve();
    }
  }

  /**
   * Runs a request that blocks this thread, at once or not at all; whoever listens is told what it throws.
   *
   * @throws {AegisError} `Reentrant`, `Closed`, `Busy`, and what the work throws
   */
  runSync<Result>(work: () => Result): Result {
    try {
      this.#checkIdle();
      return work();
    } catch (error) {
      this.#executions.thrown(error);
      throw error;
    }
  }

  /** Refuses what waits, and everything that comes. Ends when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  /** @throws {AegisError} `Closed` */
  checkOpen(): void {
    if (this.#closed) throw new AegisError("Closed", "The sandbox was closed");
  }

  #checkIdle(): void {
    if (this.#session.inHostFunction) throw reentrant();
    this.checkOpen();
    if (this.#pending > 0 || this.#session.working) {
      throw new AegisError("Busy", "Cannot block for the sandbox: another request is under way", {
        suggestion: "Await it first, or use call, which queues.",
      });
    }
    if (this.#session.paused) {
      throw new AegisError("Busy", "Cannot block for the sandbox: it is paused", {
        suggestion: "Call resume first.",
      });
    }
  }
}

function reentrant(): AegisError {
  return new AegisError("Reentrant", "A host function cannot call into the sandbox that is calling it", {
    suggestion: "Call after the host function has returned, or use another sandbox.",
  });
}
