import { WORDS } from "./layout.ts";

/**
 * How long a thread looks for its turn before it parks: at most some 100 µs, twice what a wake-up takes. Where that was
 * in vain it looks half as long the next time, since the other side may be waiting for this very core; where the turn
 * came soon after, as long as ever.
 */
export class Patience {
  static readonly #MOST = 2048;
  static readonly #LEAST = 8;
  /** Milliseconds of a wait that looking would have spared. */
  static readonly #SOON = 0.15;
  #looks = Patience.#MOST;

  /** Looks for a turn; whether it came. */
  tryFor(turn: number, words: Int32Array): boolean {
    for (let left = this.#looks; left > 0; left--) {
      if (Atomics.load(words, WORDS.turn) !== turn) {
        Atomics.pause();
        continue;
      }
      if (this.#looks < Patience.#MOST) this.#looks *= 2;
      return true;
    }
    if (this.#looks > Patience.#LEAST) this.#looks >>= 1;
    return false;
  }

  /** The thread has parked, and the turn has come. @param time milliseconds since then */
  parked(time: number): void {
    if (time < Patience.#SOON) this.#looks = Patience.#MOST;
  }
}
