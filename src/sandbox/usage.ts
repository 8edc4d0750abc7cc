import type { Metrics, Usage, UsageSample } from "../core/metrics.ts";
import type { HostEnd, MeterReading } from "../protocol/channel.ts";
import { isGuestStill } from "../protocol/guest_state.ts";

/** What the meters say at one moment, also amid a call. */
export interface UsageReading extends Omit<UsageSample, "time"> {
  /** Whether the guest waits or is paused at this moment, so that `cpuTime` has more than it has worked. */
  readonly still: boolean;
}

/**
 * Adds up what one life of a sandbox's instances uses: meters are the guest's, times are the host's. The usage of a
 * call is read when somebody asks, or before another request changes the meters: after most calls nobody does.
 */
export class UsageRecord {
  #calls = 0;
  #duration = 0;
  #inCall = false;
  #lastCall: Usage | undefined;
  /** Milliseconds that the last call took whose usage has not been read. */
  #unread: number | undefined;
  /** Of the call that is under way: its requests, one unless it has many rows, and the milliseconds they took. */
  #requests = 0;
  #callDuration = 0;
  /** What the meters said before its first request; the guest notes it for each. */
  #before: MeterReading | undefined;

  /** When the request began that is under way; milliseconds of `performance.now()`. */
  #since: number | undefined;

  /** A request begins. @param now milliseconds of `performance.now()` */
  beginRequest(channel: HostEnd, now: number): void {
    this.#since = now;
    if (this.#inCall && ++this.#requests === 2) this.#before = channel.metersBefore();
  }

  /** The request that comes next is a call. */
  beginCall(): void {
    this.#calls++;
    this.#inCall = true;
    this.#requests = 0;
    this.#callDuration = 0;
    this.#before = undefined;
  }

  /** The call has ended. */
  endCall(): void {
    if (this.#inCall) this.#unread = this.#callDuration;
    this.#inCall = false;
  }

  /** The request that comes next is none, and may change the meters. */
  beginOther(channel: HostEnd): void {
    this.#readLast(channel);
  }

  /** @param duration milliseconds of wall time */
  endRequest(duration: number): void {
    this.#duration += duration;
    this.#since = undefined;
    if (this.#inCall) this.#callDuration += duration;
  }

  /** @param at milliseconds of `performance.now()` @param paused milliseconds for which the guest has been paused by then */
  metrics(
    channel: HostEnd,
    { at, paused }: { readonly at: number; readonly paused: number },
  ): Omit<Metrics, "denials"> {
    // While a call runs, the meters are its own, and the last one's are gone.
    if (!this.#inCall) this.#readLast(channel);
    const now = channel.meters(), since = this.#since;
    const underWay = since === undefined ? 0 : at - since, duration = this.#duration + underWay;
    return {
      calls: this.#calls,
      fuelConsumed: now.fuelUsed,
      duration,
      cpuTime: Math.max(0, duration - now.parkedTime - Math.min(paused, underWay)),
      memory: now.memory,
      // Memories do not shrink in one life, so their size now is the largest so far.
      peakMemory: now.memory,
      hostCalls: now.hostCalls,
      refusedGrowths: now.refusedGrowths,
      ...(this.#lastCall === undefined ? {} : { lastCall: this.#lastCall }),
    };
  }

  /** What the meters say now. @param now milliseconds of `performance.now()` */
  reading(channel: HostEnd, now: number): Omit<UsageReading, "denials"> {
    const { fuelUsed, memory, hostCalls, parkedTime } = channel.meters();
    const duration = this.#duration + (this.#since === undefined ? 0 : now - this.#since);
    return {
      fuelConsumed: fuelUsed,
      cpuTime: Math.max(0, duration - parkedTime),
      memory,
      hostCalls,
      running: this.#since !== undefined,
      still: isGuestStill(channel.buffer),
    };
  }

  #readLast(channel: HostEnd): void {
    const duration = this.#unread;
    if (duration === undefined) return;
    this.#unread = undefined;
    this.#lastCall = usageBetween(this.#before ?? channel.metersBefore(), channel.meters(), duration);
  }
}

/** What was used between two looks at the meters, which a guest may have turned back. @param duration milliseconds of wall time */
export function usageBetween(before: MeterReading, after: MeterReading, duration: number): Usage {
  const more = (now: number, then: number) => Math.max(0, now - then);
  return {
    fuelConsumed: after.fuelUsed > before.fuelUsed ? after.fuelUsed - before.fuelUsed : 0n,
    duration,
    cpuTime: more(duration, more(after.parkedTime, before.parkedTime)),
    peakMemory: after.memory,
    hostCalls: more(after.hostCalls, before.hostCalls),
    refusedGrowths: more(after.refusedGrowths, before.refusedGrowths),
  };
}
