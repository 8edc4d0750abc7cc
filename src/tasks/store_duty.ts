/**
 * Work on the store that nobody waits for: what fails is reported, and tried again until the store takes it. Until then
 * nothing new is to begin, so what is left undone stays bounded by what was under way.
 */
import { AegisError, type ErrorCode } from "../core/errors.ts";
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
  /**
   * Ways to do it, the best first. Each throws when the store does. While the store ails, the best way is tried again; where
   * it fails for another reason, or for too long, the others are tried behind it. All of that until it is done.
   */
  readonly ways: readonly ((error: unknown) => void)[];
}

/** Milliseconds until a store that has failed is tried again. */
export const STORE_PAUSE = 1000;

/** How often only the best way is tried: it is all that is known of what was done, and a disk is full for a while. */
const BEST_TRIES = 10;

/** Codes of a store that may be well again. */
const AILING: ReadonlySet<string> = new Set<ErrorCode>(["Busy", "Full", "StoreFailed"]);

interface LeftWork extends StoreWork {
  tries: number;
}

export class StoreDuty {
  readonly #options: StoreDutyOptions;
  #left: LeftWork[] = [];
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
    const left: LeftWork = { ...work, tries: 0 };
    if (this.#try(left)) return;
    this.#left.push(left);
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
    this.#left.forEach((work) => this.#try({ ...work, tries: BEST_TRIES }));
  }

  #wait(): void {
    this.#stopTimer ??= this.#options.timers.after(STORE_PAUSE, () => {
      this.#stopTimer = undefined;
      this.#left = this.#left.filter((work) => !this.#try(work));
      if (this.#left.length > 0) this.#wait();
      else this.#options.onWell();
    }, true);
  }

  /** @returns whether it was done */
  #try(work: LeftWork): boolean {
    const { task, ways } = work;
    let last: unknown;
    for (const way of ways) {
      try {
        way(last);
        return true;
      } catch (error) {
        last = error;
        this.#options.report(error, task);
        if (isAiling(error) && ++work.tries < BEST_TRIES) return false;
      }
    }
    return false;
  }
}

function isAiling(error: unknown): boolean {
  return error instanceof AegisError && AILING.has(error.code);
}
