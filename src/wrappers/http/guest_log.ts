/** What a guest prints beside its answer, as lines for a log: bounded, and whole. */

/** One line for the log. The text is the guest's, or of a failure: it may hold any character. */
export interface LogEntry {
  /** The module, as the options name it. */
  readonly module: string;
  /** `guest`: it printed that. `failure`: why a request has no answer of it. `notice`: what was done. */
  readonly kind: "guest" | "failure" | "notice";
  /** What is to be said, without a line break. */
  readonly text: string;
}

/** Characters of a line, and bytes of one request. */
const LONGEST_LINE = 2000, MOST_BYTES = 64 * 1024;

/** The lines of one request. */
export class GuestLog {
  readonly #take: (text: string) => void;
  readonly #decoder: TextDecoder = new TextDecoder();
  #line = "";
  #left = MOST_BYTES;

  constructor(take: (text: string) => void) {
    this.#take = take;
  }

  /** Takes what was printed; what is past the bound is dropped, and that is said once. */
  add(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#left <= 0) return;
    const [first = "", ...others] = this.#decoder.decode(bytes.subarray(0, this.#left), { stream: true })
      .split("\n");
    this.#line += first;
    for (const next of others) {
      this.#flush();
      this.#line = next;
    }
    this.#left -= bytes.length;
    if (this.#left > 0) return;
    this.#flush();
    this.#take(`… more than ${MOST_BYTES} bytes: the rest is not shown`);
  }

  /** The request has ended. */
  end(): void {
    if (this.#line !== "") this.#flush();
  }

  #flush(): void {
    this.#take(this.#line.replace(/\r$/, "").slice(0, LONGEST_LINE));
    this.#line = "";
  }
}
