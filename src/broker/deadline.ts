import type { ErrnoName } from "../protocol/errno.ts";
import { OperationError } from "../protocol/operations.ts";

/** The longest time that a timer takes; it would fire at once for a longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Bounds the time of one operation; it can be ended before, for a reason that its guest gets to see. */
export class Deadline {
  readonly #end: PromiseWithResolvers<never> = Promise.withResolvers();
  readonly #timer: ReturnType<typeof setTimeout>;
  #over = false;

  /** @param time milliseconds */
  constructor(time: number) {
    this.#end.promise.catch(() => {});
    this.#timer = setTimeout(() => this.end("timedout"), Math.min(time, LONGEST_TIMER));
  }

  /** Whether the time is up. */
  get over(): boolean {
    return this.#over;
  }

  /** Ends it now: whatever is waited for under it fails. */
  end(errno: ErrnoName): void {
    this.clear();
    this.#over = true;
    this.#end.reject(new OperationError(errno));
  }

  /**
   * Waits for some work, at most until the end; the work itself is the caller's to stop.
   *
   * @throws {OperationError} `timedout`, or as {@linkcode end} said
   */
  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([this.#end.promise, work]);
  }

  /** Lets go of the timer. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
