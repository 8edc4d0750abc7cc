/** How often somebody may ask: a bucket for each, which fills again. */

/** How fast a bucket fills, and how much it holds. */
export interface Rate {
  /** A second. */
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  left: number;
  /** Milliseconds. */
  seen: number;
}

/** Buckets that are kept; those that are full again are forgotten first. */
const MOST_BUCKETS = 10_000;

export class RateLimiter {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets: Map<string, Bucket> = new Map();

  /** @param now milliseconds that never go back */
  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes one. @returns 0, or the seconds after which there is one again */
  take(who: string): number {
    const { perSecond, burst } = this.#rate, now = this.#now();
    const bucket = this.#buckets.get(who) ?? { left: burst, seen: now };
    bucket.left = Math.min(burst, bucket.left + (now - bucket.seen) * perSecond / 1000);
    bucket.seen = now;
    this.#buckets.delete(who);
    this.#buckets.set(who, bucket); // the last one seen is at the end
    if (this.#buckets.size > MOST_BUCKETS) this.#forget();
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perSecond);
    bucket.left--;
    return 0;
  }

  #forget(): void {
    for (const who of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST_BUCKETS / 2) return;
      this.#buckets.delete(who);
    }
  }
}
