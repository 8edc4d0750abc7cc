/** Changes of one plugin: one after the other, until somebody gives up all that were asked for. */
import type { AegisError } from "../../core/errors.ts";

export class ChangeQueue {
  /** Aborted when what was asked for up to then is given up. */
  #round = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  /** Changes that have not ended, those that were given up included. */
  readonly #open: Set<Promise<void>> = new Set();

  /**
   * Makes a change after those before it.
   *
   * @param change looks at the signal before it makes anything lasting: the queue does not wait for one that was given up
   */
  run<Result>(change: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { signal } = this.#round;
    const work = this.#last.then(() => {
      signal.throwIfAborted();
      return change(signal);
    });
    const ended = work.then(() => {}, () => {});
    this.#last = ended;
    this.#open.add(ended);
    ended.then(() => this.#open.delete(ended));
    return unlessAborted(work, signal);
  }

  /** Whether a change is under way, or waits. */
  get busy(): boolean {
    return this.#open.size > 0;
  }

  /** Gives up what is under way and what waits: all of it fails with this at once, and the next change waits for none of it. */
  giveUp(reason: AegisError): void {
    this.#round.abort(reason);
    this.#round = new AbortController();
    this.#last = Promise.resolve();
  }

  /** Ends when nothing is under way any more, what was given up included. */
  async settled(): Promise<void> {
    await Promise.all(this.#open);
  }
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>(), abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
