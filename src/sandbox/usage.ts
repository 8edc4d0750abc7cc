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
  #lastCall: Usage | undefined;
  #inCall = false;

  /** The request that ends next is a call. */
  beginCall(): void {
    this.#calls++;
    this.#inCall = true;
  }

  /** @param duration milliseconds of wall time */
  endRequest(duration: number, before: MeterReading, after: MeterReading): void {
    this.#duration += duration;
    if (!this.#inCall) return;
    this.#inCall = false;
    this.#lastCall = {
      fuelConsumed: after.fuelUsed - before.fuelUsed,
      duration,
      cpuTime: Math.max(0, duration - (after.parkedTime - before.parkedTime)),
      peakMemory: after.memory,
      hostCalls: after.hostCalls - before.hostCalls,
      refusedGrowths: after.refusedGrowths - before.refusedGrowths,
    };
  }

  metrics(now: MeterReading): Omit<Metrics, "denials"> {
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
      ...(this.#lastCall === undefined ? {} : { lastCall: this.#lastCall }),
    };
  }
}
