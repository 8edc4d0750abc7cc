import type { GuestEnd } from "../protocol/channel.ts";

/**
 * The time of one call: its deadline, and how much of it the guest has worked. It stands still while the host has the
 * guest paused.
 */
export class CallClock {
  readonly #channel: Pick<GuestEnd, "pausedTime">;
  /** When the call began; NaN until somebody asks, since telling the time costs as much as a short call. */
  #started = NaN;
  #timeout = Infinity;
  /** Milliseconds that the guest was parked since its life began. */
  #parked = 0;
  /** What was parked before this call. */
  #parkedBefore = 0;

  constructor(channel: Pick<GuestEnd, "pausedTime">) {
    this.#channel = channel;
  }

  /** A call begins. @param timeout milliseconds, Infinity for none */
  begin(timeout: number): void {
    this.#started = NaN;
    this.#timeout = timeout;
    this.#parkedBefore = this.#parked;
  }

  /** A new life begins. */
  clear(): void {
    this.#parked = 0;
  }

  /** Milliseconds that the guest was parked since its life began. */
  get parked(): number {
    return this.#parked;
  }

  /** Milliseconds of `performance.now()`; starts the clock of the call, unless it runs. */
  now(): number {
    const now = performance.now();
    if (Number.isNaN(this.#started)) this.#started = now;
    return now;
  }

  /** Milliseconds since the call began. */
  get elapsed(): number {
    return this.now() - this.#started;
  }

  /** {@linkcode elapsed} where the host's clock, which began no later, says that the time is up. */
  get elapsedAtTimeout(): number {
    return this.#timeout === Infinity ? this.elapsed : Math.max(this.elapsed, this.#timeout);
  }

  /** When the call's time is up; of the clock that {@linkcode now} has started. */
  get deadline(): number {
    return this.#started + this.#timeout;
  }

  /** Milliseconds of the call in which the guest was not parked. */
  get worked(): number {
    return this.elapsed - (this.#parked - this.#parkedBefore);
  }

  /** Runs something that parks the thread, and counts the time. */
  park<Result>(wait: () => Result): Result {
    const channel = this.#channel, before = performance.now(), pausedBefore = channel.pausedTime;
    const result = wait(), paused = channel.pausedTime - pausedBefore;
    this.#parked += performance.now() - before;
    this.#started += paused;
    this.#parkedBefore += paused;
    return result;
  }
}
