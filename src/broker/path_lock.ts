import { OperationError } from "../protocol/operations.ts";

/** Values of the lock's word. */
const FREE = 0, HELD = 1, HELD_AND_WANTED = 2;

/** Milliseconds after which a thread gives up: no path operation takes so long, so the holder is gone or stuck. */
const PATIENCE = 2000;

/**
 * The lock that all file brokers of a process hold during a path operation, so that no guest swaps a path while another's is
 * being checked. It is not reentrant.
 */
export class PathLock {
  readonly #word: Int32Array;
  readonly #patience: number;

  constructor(word: SharedArrayBuffer, patience: number = PATIENCE) {
    this.#word = new Int32Array(word, 0, 1);
    this.#patience = patience;
  }

  /**
   * Runs work while holding the lock.
   *
   * @throws {OperationError} `busy` when the lock does not become free; the work has not begun
   */
  hold<Result>(work: () => Result): Result {
    if (Atomics.compareExchange(this.#word, 0, FREE, HELD) !== FREE) this.#wait();
    try {
      return work();
    } finally {
      this.#release();
    }
  }

  /**
   * Takes the lock without blocking the thread.
   *
   * @returns what gives it back, to be called once; undefined when the lock does not become free
   */
  async acquire(): Promise<(() => void) | undefined> {
    const release = () => this.#release();
    if (Atomics.compareExchange(this.#word, 0, FREE, HELD) === FREE) return release;
    const until = performance.now() + this.#patience;
    while (Atomics.exchange(this.#word, 0, HELD_AND_WANTED) !== FREE) {
      const left = until - performance.now();
      if (left <= 0) return undefined;
      const wait = Atomics.waitAsync(this.#word, 0, HELD_AND_WANTED, left);
      if (wait.async) await wait.value;
    }
    return release;
  }

  #release(): void {
    if (Atomics.exchange(this.#word, 0, FREE) === HELD_AND_WANTED) Atomics.notify(this.#word, 0, 1);
  }

  #wait(): void {
    const until = performance.now() + this.#patience;
    while (Atomics.exchange(this.#word, 0, HELD_AND_WANTED) !== FREE) {
      const left = until - performance.now();
      if (left <= 0) throw new OperationError("busy");
      Atomics.wait(this.#word, 0, HELD_AND_WANTED, left);
    }
  }
}
