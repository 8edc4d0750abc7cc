/** The lines of a trace: bounded, and handed over many at a time. */

/** Characters that are kept back at most. */
const CAPACITY = 32 * 1024;

export class TraceLines {
  readonly #most: number;
  readonly #send: (text: string) => void;
  #text = "";
  #count = 0;
  #cut = false;

  /** @param most lines @param send takes some of them, each with its line break */
  constructor(most: number, send: (text: string) => void) {
    this.#most = most;
    this.#send = send;
  }

  /** Lines that were written. */
  get count(): number {
    return this.#count;
  }

  /** Whether there was more to write than may be. */
  get cut(): boolean {
    return this.#cut;
  }

  write(line: string): void {
    if (this.#count >= this.#most) {
      if (!this.#cut) this.#text += `… the trace ends here, after ${this.#most} lines\n`;
      this.#cut = true;
      return;
    }
    this.#count++;
    this.#text += `${line}\n`;
    if (this.#text.length >= CAPACITY) this.flush();
  }

  flush(): void {
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    this.#send(text);
  }
}
