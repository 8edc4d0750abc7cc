/**
 * Work on the store that nobody waits for: what fails is reported, and tried again until the store takes it. Until then
 * nothing new is to begin, so what is left undone stays bounded by what was under way.
 */
import type { Timers } from "../sandbox/timers.ts";

export interface StoreDutyOptions {
  readonly timers: Timers;
  /** Told of every failure. */
  readonly report: (error: unknown, task: string | undefined) => void;
  /** Called when everything was done that was left. */
  readonly onWell: () => void;
}

/** Something that is to be done. */
export interface StoreWork {
  /** Of this task. */
  readonly task: string;
  /** Ways to do it, the best first; the last one is tried again. Each throws when the store does. */
  readonly ways: readonly ((error: unknown) => void)[];
}

/** Milliseconds until a store that has failed is tried again. */
export const STORE_PAUSE = 1000;

export class StoreDuty {
  readonly #options: StoreDutyOptions;
  #left: StoreWork[] = [];
  #stopTimer: (() => void) | undefined;

  constructor(options: StoreDutyOptions) {
    this.#options = options;
  }

  /** Whether the store has failed a moment ago. */
  get ailing(): boolean {
    return this.#stopTimer !== undefined;
  }

  /** Does it, now or later. */
  do(work: StoreWork): void {
    if (this.#try(work)) return;
    this.#left.push({ ...work, ways: work.ways.slice(-1) });
    this.#wait();
  }

  /** The store has failed somebody who comes again by himself, when it is well. */
  failed(error: unknown, task: string | undefined): void {
    this.#options.report(error, task);
    this.#wait();
  }

  /** Tries once more, and not again. */
  close(): void {
    this.#stopTimer?.();
    this.#left.forEach((work) => this.#try(work));
  }

  #wait(): void {
    this.#stopTimer ??= this.#options.timers.after(STORE_PAUSE, () => {
      this.#stopTimer = undefined;
      this.#left = this.#left.filter((work) => !this.#try(work));
      if (this.#left.length > 0) this.#wait();
      else this.#options.onWell();
    }, true);
  }

  #try({ task, ways }: StoreWork): boolean {
    let last: unknown;
    for (const way of ways) {
      try {
        way(last);
        return true;
      } catch (error) {
        last = error;
        this.#options.report(error, task);
      }
    }
    return false;
  }
}
