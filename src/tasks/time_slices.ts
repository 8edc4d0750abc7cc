/**
 * Who has the processor: of all guests that want to run, as many as there are slots run at a time, the others stand
 * still in the middle of what they do. Every slice those that have had least go on, so that each gets its share of real
 * time, by its weight. Whoever comes is counted as one that has had no less than the others.
 */
import type { Timers } from "../sandbox/timers.ts";

/** A guest that wants to run. */
export interface SlicedRun {
  /** Its share in proportion to the others'. */
  readonly weight: number;
  /** Stands still. */
  pause(): void;
  /** Goes on. */
  resume(): void;
}

export interface TimeSlicesOptions {
  /** Guests that run at once. */
  readonly slots: number;
  /** Milliseconds after which a guest makes room for another. */
  readonly slice: number;
  readonly timers: Timers;
  /** Whether others wait, who have no guest yet. */
  readonly isCrowded: () => boolean;
  /** Called after every slice, while anybody waits. */
  readonly onSlice: () => void;
}

interface Share {
  /** Milliseconds on a slot, divided by the weight. */
  used: number;
  /** Since when it has a slot; undefined while it stands still. */
  since: number | undefined;
}

export class TimeSlices {
  readonly #options: TimeSlicesOptions;
  readonly #shares: Map<SlicedRun, Share> = new Map();
  #running = 0;
  #stopTimer: (() => void) | undefined;

  constructor(options: TimeSlicesOptions) {
    this.#options = options;
  }

  /** Slots that nobody has. */
  get free(): number {
    return this.#options.slots - this.#running;
  }

  /** Guests that want to run. */
  get size(): number {
    return this.#shares.size;
  }

  /** A guest wants to run: it goes on at once if there is a slot, and stands still if not. */
  add(run: SlicedRun): void {
    const now = this.#account(), share: Share = { used: this.#least(), since: undefined };
    this.#shares.set(run, share);
    if (this.free > 0) this.#go(run, share, now);
    else run.pause();
    this.watch();
  }

  /** A guest wants to run no more. It is left as it is: going on, or standing still. */
  remove(run: SlicedRun): void {
    const share = this.#shares.get(run);
    if (share === undefined) return;
    this.#shares.delete(run);
    if (share.since !== undefined) this.#running--;
    this.#fill();
  }

  /** Nobody is given a slot any more. */
  close(): void {
    this.#stopTimer?.();
    this.#shares.clear();
  }

  /** Looks at who has had enough, from time to time, as long as somebody waits for a slot. */
  watch(): void {
    if (this.#stopTimer !== undefined || this.#shares.size === 0) return;
    if (this.#shares.size <= this.#running && !this.#options.isCrowded()) return;
    this.#stopTimer = this.#options.timers.after(this.#options.slice, () => {
      this.#stopTimer = undefined;
      this.#turn();
      this.#options.onSlice();
      this.watch();
    }, true);
  }

  /** Those that have had most make room for those that have had less. */
  #turn(): void {
    const now = this.#account();
    const running = [...this.#shares].filter(([, { since }]) => since !== undefined)
      .sort(([, a], [, b]) => b.used - a.used);
    for (const [run, share] of running) {
      const next = this.#next();
      if (next === undefined || next[1].used >= share.used) return;
      share.since = undefined;
      this.#running--;
      run.pause();
      this.#go(...next, now);
    }
  }

  /** Adds to those that run what they have run since they were last looked at. @returns the time now */
  #account(): number {
    const now = this.#options.timers.now();
    for (const [run, share] of this.#shares) {
      if (share.since === undefined) continue;
      share.used += (now - share.since) / run.weight;
      share.since = now;
    }
    return now;
  }

  /** What the one has used that has used least. */
  #least(): number {
    let least: number | undefined;
    for (const { used } of this.#shares.values()) if (least === undefined || used < least) least = used;
    return least ?? 0;
  }

  #fill(): void {
    const now = this.#options.timers.now();
    while (this.free > 0) {
      const next = this.#next();
      if (next === undefined) return;
      this.#go(...next, now);
    }
  }

  /** Who stands still and has had least; of equals the one that came first. */
  #next(): [SlicedRun, Share] | undefined {
    let found: [SlicedRun, Share] | undefined;
    for (const [run, share] of this.#shares) {
      if (share.since !== undefined || found !== undefined && found[1].used <= share.used) continue;
      found = [run, share];
    }
    return found;
  }

  #go(run: SlicedRun, share: Share, now: number): void {
    share.since = now;
    this.#running++;
    run.resume();
  }
}
