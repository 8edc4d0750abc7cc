/** Bytes that are set aside at first. */
const FIRST = 4096;

/**
 * What a command prints into one of its streams, up to a bound. All of it is read, or the command would wait for a reader
 * for ever; what is beyond the bound is dropped.
 */
export class CommandOutput {
  /** Ends with the stream, which may be later than the command: what it has started may print there as well. */
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #most: number;
  #buffer = new ArrayBuffer(0);
  #length = 0;
  #truncated = false;
  #taken = false;

  /** @param most bytes that are kept */
  constructor(stream: ReadableStream<Uint8Array>, most: number) {
    this.#reader = stream.getReader();
    this.#most = most;
    this.ended = this.#read();
  }

  /** Whether something was dropped. */
  get truncated(): boolean {
    return this.#truncated;
  }

  /** Stops reading, and gives what was kept. */
  take(): Uint8Array {
    // What arrives now must not move the bytes that are given away.
    this.#taken = true;
    this.#reader.cancel().catch(() => {});
    return new Uint8Array(this.#buffer = this.#buffer.transfer(this.#length));
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done || this.#taken) return;
        this.#keep(value);
      }
    } catch {
      // The pipe broke: what came before it did is what the command has printed.
    }
  }

  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, this.#most - this.#length), end = this.#length + kept.length;
    if (kept.length < bytes.length) this.#truncated = true;
    if (end > this.#buffer.byteLength) {
      const size = Math.max(end, FIRST, this.#buffer.byteLength * 2);
      this.#buffer = this.#buffer.transfer(Math.min(size, this.#most));
    }
    new Uint8Array(this.#buffer).set(kept, this.#length);
    this.#length = end;
  }
}
