import type { Metrics, Usage } from "../core/metrics.ts";

/** The meters that the guest publishes, as the host reads them. */
export interface MeterReading {
  readonly fuelUsed: bigint;
  readonly memory: number;
  readonly hostCalls: number;
  readonly parkedTime: number;
  readonly refusedGrowths: number;
}

/** Adds up what one life of a sandbox's instances uses: meters are the guest's, times are the host's. */
export class UsageRecord {
  #calls = 0;
  #duration = 0;
  #lastCall:
    | { readonly before: MeterReading; readonly after: MeterReading; readonly duration: number }
    | undefined;
  #inCall = false;
  /** The meters at the end of the last request: nothing runs between two. */
  #before: MeterReading = { fuelUsed: 0n, memory: 0, hostCalls: 0, parkedTime: 0, refusedGrowths: 0 };
  #after = this.#before;

  /** The request that ends next is a call. */
  beginCall(): void {
    this.#calls++;
    this.#inCall = true;
  }

  /** @param duration milliseconds of wall time */
  endRequest(duration: number, now: MeterReading): void {
    this.#duration += duration;
    this.#before = this.#after;
    this.#after = now;
    if (!this.#inCall) return;
    this.#inCall = false;
    this.#lastCall = { before: this.#before, after: now, duration };
  }

  get #lastUsage(): Usage | undefined {
    if (this.#lastCall === undefined) return undefined;
    const { before, after, duration } = this.#lastCall;
    return {
      fuelConsumed: after.fuelUsed - before.fuelUsed,
      duration,
      cpuTime: Math.max(0, duration - (after.parkedTime - before.parkedTime)),
      peakMemory: after.memory,
      hostCalls: after.hostCalls - before.hostCalls,
      refusedGrowths: after.refusedGrowths - before.refusedGrowths,
    };
  }

  metrics(now: MeterReading): Omit<Metrics, "denials"> {
    const lastCall = this.#lastUsage;
    return {
      calls: this.#calls,
      fuelConsumed: now.fuelUsed,
      duration: this.#duration,
      cpuTime: Math.max(0, this.#duration - now.parkedTime),
      memory: now.memory,
      // Memories do not shrink in one life, so their size now is the largest so far.
      peakMemory: now.memory,
      hostCalls: now.hostCalls,
      refusedGrowths: now.refusedGrowths,
      ...(lastCall === undefined ? {} : { lastCall }),
    };
  }
}
