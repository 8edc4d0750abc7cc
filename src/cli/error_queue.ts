/**
 * Standard error of a process that serves: written in the background, so that a reader who has stopped reading holds up
 * nobody. What does not fit is dropped, and counted.
 */

/** UTF-16 units that wait. */
const MOST_WAITING = 1024 * 1024;

/** Text on its way to standard error. */
export class ErrorQueue {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #most: number;
  #texts: string[] = [];
  #waiting = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  /**
   * @param write writes all of it; does not block
   * @param most UTF-16 units that wait
   */
  constructor(write: (bytes: Uint8Array) => Promise<void>, most: number = MOST_WAITING) {
    this.#write = write;
    this.#most = most;
  }

  /** Takes a text, or drops it where too much waits. */
  add(text: string): void {
    if (this.#waiting + text.length > this.#most) {
      this.#dropped++;
      return;
    }
    this.#texts.push(text);
    this.#waiting += text.length;
    this.#writing ??= this.#writeAll();
  }

  /** Ends when all is written, or after so many milliseconds. */
  async settled(grace: number): Promise<void> {
    if (this.#writing === undefined) return;
    const over = Promise.withResolvers<void>(), timer = setTimeout(over.resolve, grace);
    await Promise.race([this.#writing, over.promise]);
    clearTimeout(timer);
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#texts.length > 0 || this.#dropped > 0) {
        const texts = this.#texts, dropped = this.#dropped;
        this.#texts = [];
        this.#dropped = 0;
        if (dropped > 0) texts.push(`${dropped} lines were dropped: nobody read them in time\n`);
        await this.#write(new TextEncoder().encode(texts.join("")));
        this.#waiting = this.#texts.reduce((sum, text) => sum + text.length, 0);
      }
    } catch {
      // Nobody will ever read it.
      this.#texts = [];
      this.#waiting = this.#dropped = 0;
    }
    this.#writing = undefined;
  }
}
