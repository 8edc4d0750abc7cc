import type { Deadline } from "./deadline.ts";
import type { NetQuotas } from "./messages.ts";
import { TokenBucket } from "./token_bucket.ts";
import { OperationError } from "../protocol/operations.ts";

/** What an allowance needs of time. */
export interface AllowanceTime {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Ends after so many milliseconds. */
  readonly delay: (milliseconds: number) => Promise<void>;
}

/** Bytes that a sandbox may still move in one direction: so many in all, and so many a second. */
export class Allowance {
  readonly #total: number;
  #left: number;
  readonly #rate: number;
  readonly #bucket: TokenBucket;
  readonly #delay: AllowanceTime["delay"];

  /** @param bounds `total`: bytes; `rate`: bytes a second; Infinity for no bound */
  constructor(bounds: { readonly total: number; readonly rate: number }, time: AllowanceTime) {
    this.#total = this.#left = bounds.total;
    this.#rate = bounds.rate;
    this.#bucket = new TokenBucket(bounds.rate, time.now);
    this.#delay = time.delay;
  }

  /** Somebody else is served from now on: all of the total is left. */
  renew(): void {
    this.#left = this.#total;
  }

  /** Bytes of one step: no more than is left and than a second's worth, and at least one, which may be too many. */
  get portion(): number {
    return Math.max(1, Math.min(this.#left, Math.floor(this.#bucket.most)));
  }

  /** Whether nothing may pass any more. */
  get usedUp(): boolean {
    return this.#left === 0;
  }

  /** Milliseconds that bytes take by the rate alone. */
  timeOf(bytes: number): number {
    return bytes / this.#rate * 1000;
  }

  /** Counts bytes that will pass. @throws {OperationError} `dquot` when they would be too many, and are not counted */
  take(bytes: number): void {
    if (bytes > this.#left) throw new OperationError("dquot");
    this.charge(bytes);
  }

  /** Counts bytes that have passed. @returns whether they were no more than was left */
  charge(bytes: number): boolean {
    const within = bytes <= this.#left;
    this.#left = Math.max(0, this.#left - bytes);
    this.#bucket.spend(bytes);
    return within;
  }

  /** Waits until the rate lets something pass. @throws {OperationError} `timedout` or as the deadline ends */
  async ready(deadline: Deadline): Promise<void> {
    const { delay } = this.#bucket;
    if (delay > 0) await deadline.race(this.#delay(delay));
  }
}

/** What a sandbox may move in both directions. */
export interface NetAllowances {
  /** What hosts send. */
  readonly reads: Allowance;
  /** What hosts are sent. */
  readonly writes: Allowance;
}

/** Of sandboxes by their names: a guest that starts anew has what the one before has left of them. */
export class AllowanceBook {
  readonly #all: Map<string, NetAllowances> = new Map();
  readonly #time: AllowanceTime;

  constructor(time: AllowanceTime) {
    this.#time = time;
  }

  of({ sandbox, quotas }: { readonly sandbox: string; readonly quotas: NetQuotas }): NetAllowances {
    const found = this.#all.get(sandbox) ?? netAllowances(quotas, this.#time);
    this.#all.set(sandbox, found);
    return found;
  }

  forget(sandbox: string): void {
    this.#all.delete(sandbox);
  }
}

/** What a sandbox may move that has moved nothing yet. */
export function netAllowances(quotas: NetQuotas, time: AllowanceTime): NetAllowances {
  return {
    reads: new Allowance({ total: quotas.readBytes, rate: quotas.readRate }, time),
    writes: new Allowance({ total: quotas.writeBytes, rate: quotas.writeRate }, time),
  };
}
