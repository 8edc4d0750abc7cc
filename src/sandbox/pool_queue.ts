import type { Lease } from "./lease.ts";
import type { Timers } from "./timers.ts";
import { AegisError } from "../core/errors.ts";
import { formatDuration } from "../core/unit_text.ts";

/** A guest that is being started, and the caller who hears of it if that fails. */
export interface Start {
  waiter: Waiter | undefined;
}

/** A caller who waits for a guest. */
export interface Waiter {
  readonly tenant: string | undefined;
  /** Whether the caller takes one of the places of those who may wait. */
  readonly bounded: boolean;
  /** The guest that is being started for this caller; another may be free before. */
  start: Start | undefined;
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: unknown) => void;
  /** Takes back what would end the wait. */
  readonly settle: () => void;
}

/** What a caller waits under. */
export interface WaitOptions {
  readonly tenant: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined for one who waits without bounds, and takes nobody's place. */
  readonly timeout: number | undefined;
}

/** Callers who wait for a guest, first in, first out. */
export class PoolQueue {
  readonly #waiters: Set<Waiter> = new Set();
  readonly #timers: Timers;
  readonly #onLeave: () => void;
  #bounded = 0;

  /** @param onLeave called when a caller has given up */
  constructor(timers: Timers, onLeave: () => void) {
    this.#timers = timers;
    this.#onLeave = onLeave;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Of those, how many wait within the bounds of the pool. */
  get bounded(): number {
    return this.#bounded;
  }

  /** Callers in the order in which they came. */
  [Symbol.iterator](): Iterator<Waiter> {
    return this.#waiters.values();
  }

  /** Lines up. @returns what ends with a guest, or with `Cancelled`, `PoolBusy`, `Closed` */
  join(
    { tenant, signal, timeout }: WaitOptions,
  ): { readonly waiter: Waiter; readonly lease: Promise<Lease> } {
    const { promise: lease, resolve, reject } = Promise.withResolvers<Lease>();
    const leave = (error: AegisError) => {
      this.reject(waiter, error);
      this.#onLeave();
    };
    const cancel = () => leave(cancelled(signal));
    const bounded = timeout !== undefined;
    const stopTimer = bounded
      ? this.#timers.after(timeout, () => leave(lateError(timeout)), true)
      : undefined;
    signal?.addEventListener("abort", cancel);
    const settle = () => {
      stopTimer?.();
      signal?.removeEventListener("abort", cancel);
    };
    const waiter: Waiter = { tenant, bounded, start: undefined, resolve, reject, settle };
    this.#waiters.add(waiter);
    if (bounded) this.#bounded++;
    return { waiter, lease };
  }

  /** A caller has what they waited for. */
  resolve(waiter: Waiter, lease: Lease): void {
    if (this.#remove(waiter)) waiter.resolve(lease);
  }

  /** A caller waits no longer. */
  reject(waiter: Waiter, error: unknown): void {
    if (this.#remove(waiter)) waiter.reject(error);
  }

  rejectAll(error: () => AegisError): void {
    for (const waiter of [...this.#waiters]) this.reject(waiter, error());
  }

  /** The first caller for whom no guest is being started is told if this start fails. */
  assign(start: Start): void {
    for (const waiter of this.#waiters) {
      if (waiter.start !== undefined) continue;
      waiter.start = start;
      start.waiter = waiter;
      return;
    }
  }

  #remove(waiter: Waiter): boolean {
    if (!this.#waiters.delete(waiter)) return false;
    waiter.settle();
    if (waiter.bounded) this.#bounded--;
    if (waiter.start !== undefined) waiter.start.waiter = undefined;
    waiter.start = undefined;
    return true;
  }
}

/** What a caller gets whose signal has ended the wait. */
export function cancelled(signal: AbortSignal | undefined): AegisError {
  return new AegisError("Cancelled", "The wait for a guest was cancelled", { cause: signal?.reason });
}

/** What a caller gets when too many wait already. */
export function queueFull(waiting: number): AegisError {
  return new AegisError(
    "PoolBusy",
    `Cannot wait for a guest: as many callers as may do so wait already, which is ${waiting}`,
    {
      field: "waiting",
      suggestion: "Send less at once, or raise maximum or waiting of the pool.",
    },
  );
}

function lateError(timeout: number): AegisError {
  return new AegisError(
    "PoolBusy",
    `Cannot wait longer for a guest: none was free for ${formatDuration(timeout)}`,
    {
      field: "waitTimeout",
      suggestion: "Bound the time of calls, or raise maximum or waitTimeout of the pool.",
    },
  );
}
