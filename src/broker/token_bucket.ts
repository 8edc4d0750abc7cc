/**
 * A rate in bytes a second, over any span longer than a second. An operation may take what is there or more, up to a second's
 * worth; what it took too much is waited for by the next one. So short operations are never cut into tiny ones.
 */
export class TokenBucket {
  readonly #rate: number;
  readonly #now: () => number;
  /** Bytes that may pass now; below zero what passed too early. */
  #level: number;
  #filled: number;

  /** @param rate bytes a second, Infinity for no bound @param now milliseconds, never going back */
  constructor(rate: number, now: () => number) {
    this.#rate = rate;
    this.#now = now;
    this.#level = rate;
    this.#filled = rate === Infinity ? 0 : now();
  }

  /** Milliseconds until something may pass; 0 when it may now. */
  get delay(): number {
    if (this.#rate === Infinity) return 0;
    const now = this.#now();
    this.#level = Math.min(this.#rate, this.#level + (now - this.#filled) / 1000 * this.#rate);
    this.#filled = now;
    return this.#level > 0 ? 0 : Math.max(1, Math.ceil((1 - this.#level) / this.#rate * 1000));
  }

  /** Bytes that one operation may take at most. */
  get most(): number {
    return this.#rate;
  }

  /** Counts bytes that have passed. */
  spend(bytes: number): void {
    if (this.#rate !== Infinity) this.#level -= bytes;
  }
}
