/** Time as what waits sees it: the machine's, or one that a test moves. */
export interface Timers {
  /** Milliseconds from some fixed moment; never goes back. */
  now(): number;
  /**
   * Calls once, after so many milliseconds.
   *
   * @param keepsAlive whether the process is to wait for it
   * @returns takes it back
   */
  after(milliseconds: number, run: () => void, keepsAlive: boolean): () => void;
}

/** The longest delay that timers of the platform can count. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The machine's time. */
export const SYSTEM_TIMERS: Timers = {
  now: () => performance.now(),
  after(milliseconds, run, keepsAlive) {
    const timer = setTimeout(run, Math.min(milliseconds, LONGEST_DELAY));
    if (!keepsAlive) Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};
