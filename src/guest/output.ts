/** Capacity in bytes: what a program prints in a loop crosses to the host in pieces of this size. */
const CAPACITY = 32 * 1024;

/** Milliseconds after which output that was kept back is handed over when the guest refuels. */
const OLD = 20;

/** Bytes before each piece: its stream, and its length. */
const HEAD = 5;

/** Keeps back what a guest prints, so that a line does not cost a round trip to the host. Both streams keep their order. */
export class OutputBuffer {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #send: (pieces: Uint8Array) => void;
  #length = 0;
  /** Where the last piece begins, and whose it is. */
  #lastAt = 0;
  #lastStream = 0;
  #since = 0;

  /** @param room bytes that `send` takes at most */
  constructor(room: number, send: (pieces: Uint8Array) => void) {
    this.#bytes = new Uint8Array(Math.max(HEAD + 1, Math.min(room, CAPACITY)));
    this.#view = new DataView(this.#bytes.buffer);
    this.#send = send;
  }

  /** Appends a copy. @param now milliseconds */
  append(stream: 1 | 2, bytes: Uint8Array, now: number): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#length + HEAD >= this.#bytes.length) this.flush();
      if (this.#length === 0) this.#since = now;
      if (this.#length === 0 || this.#lastStream !== stream) this.#beginPiece(stream);
      const count = Math.min(bytes.length - at, this.#bytes.length - this.#length);
      this.#bytes.set(bytes.subarray(at, at + count), this.#length);
      this.#length += count;
      this.#view.setUint32(this.#lastAt + 1, this.#length - this.#lastAt - HEAD, true);
      at += count;
    }
  }

  #beginPiece(stream: 1 | 2): void {
    this.#lastAt = this.#length;
    this.#lastStream = stream;
    this.#bytes[this.#length] = stream;
    this.#length += HEAD;
  }

  /** Hands over everything. */
  flush(): void {
    if (this.#length === 0) return;
    const pieces = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    this.#send(pieces);
  }

  /** Hands over what has been kept back for long. @param now milliseconds */
  flushIfOld(now: number): void {
    if (this.#length > 0 && now - this.#since >= OLD) this.flush();
  }

  /** Drops everything: a new life begins. */
  clear(): void {
    this.#length = 0;
  }
}
