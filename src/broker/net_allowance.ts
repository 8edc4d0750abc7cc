import type { Deadline } from "./deadline.ts";
import { TokenBucket } from "./token_bucket.ts";
import { OperationError } from "../protocol/operations.ts";

/** What an allowance needs of time. */
export interface AllowanceTime {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Ends after so many milliseconds. */
  readonly delay: (milliseconds: number) => Promise<void>;
}

/** Bytes that a sandbox may still move in one direction: so many over its life, and so many a second. */
export class Allowance {
  #left: number;
  readonly #rate: number;
  readonly #bucket: TokenBucket;
  readonly #delay: AllowanceTime["delay"];

  /** @param bounds `total`: bytes; `rate`: bytes a second; Infinity for no bound */
  constructor(bounds: { readonly total: number; readonly rate: number }, time: AllowanceTime) {
    this.#left = bounds.total;
    this.#rate = bounds.rate;
    this.#bucket = new TokenBucket(bounds.rate, time.now);
    this.#delay = time.delay;
  }

  /** Bytes of one step: no more than is left and than a second's worth, and at least one, which may be too many. */
  get portion(): number {
    return Math.max(1, Math.min(this.#left, Math.floor(this.#bucket.most)));
  }

  /** Milliseconds that bytes take by the rate alone. */
  timeOf(bytes: number): number {
    return bytes / this.#rate * 1000;
  }

  /** Counts bytes that have passed, or will. @throws {OperationError} `dquot` when they are too many */
  take(bytes: number): void {
    if (bytes > this.#left) throw new OperationError("dquot");
    this.#left -= bytes;
    this.#bucket.spend(bytes);
  }

  /** Waits until the rate lets something pass. @throws {OperationError} `timedout` or as the deadline ends */
  async ready(deadline: Deadline): Promise<void> {
    const { delay } = this.#bucket;
    if (delay > 0) await deadline.race(this.#delay(delay));
  }
}
