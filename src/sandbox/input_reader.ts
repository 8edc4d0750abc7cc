import { AegisError } from "../core/errors.ts";

/** Where a guest's standard input comes from: bytes or text that each life reads from the start, or a stream. */
export type InputSource = Uint8Array | string | ReadableStream<Uint8Array>;

const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array();

/** @throws {AegisError} `InvalidOption` */
export function checkInput(source: unknown): asserts source is InputSource {
  if (typeof source === "string" || source instanceof Uint8Array || source instanceof ReadableStream) return;
  throw new AegisError("InvalidOption", "Cannot use that as stdin: give bytes, text or a ReadableStream", {
    field: "stdin",
  });
}

/** Ends a source that nobody will ever read. */
export function dropInput(source: InputSource | undefined): void {
  if (source instanceof ReadableStream && !source.locked) source.cancel().catch(() => {});
}

/** A delay as timers take it; what is no time is none. */
function timerDelay(milliseconds: number): number {
  return milliseconds > 0 ? Math.min(milliseconds, 2 ** 31 - 1) : 0;
}

/** Reads one source. Nothing is read from a stream before the guest asks for it. */
export class InputReader {
  readonly #source: InputSource;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** What was read and not yet taken. */
  #rest: Uint8Array = NOTHING;
  #ended = false;
  /** Counts reads, so that one that was abandoned takes nothing. */
  #reading = 0;
  /** A read of the stream that nobody waits for any more; its bytes come to `rest`. */
  #pending: Promise<void> | undefined;

  /** @throws {AegisError} `InvalidOption` */
  constructor(source: InputSource = NOTHING) {
    checkInput(source);
    this.#source = source;
    this.restart();
  }

  /** Bytes are read from the start again; a stream goes on. */
  restart(): void {
    const source = this.#source;
    if (source instanceof ReadableStream) return;
    this.#rest = typeof source === "string" ? new TextEncoder().encode(source) : source;
    this.#ended = true;
  }

  /** At most so many bytes; none at the end, or when nobody waits for them any more. Waits until there are some. */
  async read(most: number): Promise<Uint8Array> {
    const reading = ++this.#reading;
    if (most === 0) return NOTHING;
    while (this.#rest.length === 0 && !this.#ended) {
      await this.#fill();
      if (reading !== this.#reading) return NOTHING;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** Nobody waits for what is being read: it stays for who reads next. */
  abandon(): void {
    this.#reading++;
  }

  /** Whether something can be read, or the end was reached, within so many milliseconds. */
  async ready(timeout: number): Promise<boolean> {
    if (this.#rest.length > 0 || this.#ended) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, timerDelay(timeout)));
    try {
      await Promise.race([this.#fill(), late]);
    } finally {
      clearTimeout(timer);
    }
    return this.#rest.length > 0 || this.#ended;
  }

  #fill(): Promise<void> {
    return this.#pending ??= this.#readOnce().finally(() => this.#pending = undefined);
  }

  async #readOnce(): Promise<void> {
    if (!(this.#source instanceof ReadableStream)) return;
    this.#reader ??= this.#source.getReader();
    const { done, value } = await this.#reader.read();
    if (done) this.#ended = true;
    else this.#rest = value;
    // A source of empty pieces must not keep the timers of this thread, the guest's deadline among them, from running.
    if (value?.length === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Ends the stream, too: nobody will read it any more. What its source makes of that is not waited for. */
  close(): void {
    this.#ended = true;
    this.#reading++;
    if (!(this.#source instanceof ReadableStream)) return;
    const ended = this.#reader === undefined
      ? this.#source.locked ? undefined : this.#source.cancel()
      : this.#reader.cancel();
    ended?.catch(() => {});
  }
}
