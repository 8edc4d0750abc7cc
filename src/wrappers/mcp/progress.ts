/** What a guest says of how far it is, as notifications: only where the client asked, only upwards, and not too often. */
import { cleanLine } from "./clean_text.ts";

/** Milliseconds between two notifications; characters of a message. */
const PAUSE = 100, LONGEST_MESSAGE = 500;

/** A notification, but for its token. */
export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** Time as it is needed here. */
export interface ProgressTimers {
  readonly now: () => number;
  /** @returns what ends it before its time */
  readonly start: (work: () => void, milliseconds: number) => () => void;
}

const TIMERS: ProgressTimers = {
  now: () => performance.now(),
  start: (work, milliseconds) => {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Passes on the progress of one call. The last word of a burst is told, those before it may be left out. */
export class ProgressReporter {
  readonly #send: (progress: Progress) => void;
  readonly #timers: ProgressTimers;
  #sent = -Infinity;
  #highest = -Infinity;
  #waiting: Progress | undefined;
  #stopTimer: (() => void) | undefined;
  #over = false;

  constructor(send: (progress: Progress) => void, timers: ProgressTimers = TIMERS) {
    this.#send = send;
    this.#timers = timers;
  }

  /** What the guest says: any numbers, any text. Progress that is none, or does not rise, is dropped. */
  report(done: number, total: number, message: string): void {
    if (this.#over || !Number.isFinite(done) || done <= this.#highest) return;
    this.#highest = done;
    const text = cleanLine(message, LONGEST_MESSAGE);
    this.#waiting = {
      progress: done,
      ...(Number.isFinite(total) && total > 0 ? { total } : {}),
      ...(text === "" ? {} : { message: text }),
    };
    const left = this.#sent + PAUSE - this.#timers.now();
    if (left <= 0) this.#flush();
    else this.#stopTimer ??= this.#timers.start(() => this.#flush(), left);
  }

  /** The call has ended: what waits is told now, and nothing after it. */
  end(): void {
    if (this.#over) return;
    this.#flush();
    this.#over = true;
  }

  #flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#sent = this.#timers.now();
    this.#send(waiting);
  }
}
