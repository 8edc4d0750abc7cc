/** What a guest prints beside its answer, as lines for a log: bounded, and whole. */

import { UNSAFE } from "../../core/plain_text.ts";

/** One line for the log. The text is the guest's, or of a failure: it may hold any character. */
export interface LogEntry {
  /** The module, as the options name it. */
  readonly module: string;
  /** `guest`: it printed that. `failure`: why a request has no answer of it. `notice`: what was done. */
  readonly kind: "guest" | "failure" | "notice";
  /** What is to be said, without a line break. */
  readonly text: string;
}

/** Characters of a line. */
export const LONGEST_LINE = 2000;

/** Characters that the lines of one request come to in the log, with what stands before each of them. */
const MOST_WRITTEN = 64 * 1024;

/** Characters that stand before a line beside the name of its module, and end it. */
const LINE_COST = 8;

/** Characters that one which is escaped becomes. */
const ESCAPE_COST = 6;

/** The lines of one request. */
export class GuestLog {
  readonly #take: (text: string) => void;
  readonly #lineCost: number;
  readonly #decoder: TextDecoder = new TextDecoder();
  #line = "";
  /** Lines without a character that were printed one after the other, and are not told yet. */
  #empty = 0;
  #left = MOST_WRITTEN;
  #dropped = false;

  /** @param module its name stands before each line */
  constructor(module: string, take: (text: string) => void) {
    this.#take = take;
    this.#lineCost = module.length + LINE_COST;
  }

  /** Takes what was printed; what is past the bound is dropped, and that is said once. */
  add(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#dropped) return;
    const [first = "", ...others] = this.#decoder.decode(bytes.subarray(0, MOST_WRITTEN), { stream: true })
      .split("\n");
    this.#grow(first);
    for (const next of others) {
      this.#flush();
      this.#grow(next);
    }
    if (bytes.length > MOST_WRITTEN) this.#drop();
  }

  /** The request has ended. */
  end(): void {
    if (this.#line !== "") this.#flush();
    this.#tellEmpty();
  }

  /** What is past the end of a line that is shown is not kept. */
  #grow(text: string): void {
    if (this.#line.length <= LONGEST_LINE) this.#line += text.slice(0, LONGEST_LINE + 1);
  }

  #flush(): void {
    const line = this.#line.replace(/\r$/, "");
    this.#line = "";
    if (line === "") this.#empty++;
    else {
      this.#tellEmpty();
      this.#tell(line.slice(0, LONGEST_LINE));
    }
  }

  #tellEmpty(): void {
    if (this.#empty > 0) this.#tell(this.#empty === 1 ? "" : `(${this.#empty} empty lines)`);
    this.#empty = 0;
  }

  #tell(text: string): void {
    if (this.#dropped) return;
    const escapes = (text.match(UNSAFE) ?? []).join("").length;
    const cost = this.#lineCost + text.length + escapes * (ESCAPE_COST - 1);
    if (cost > this.#left) return this.#drop();
    this.#left -= cost;
    this.#take(text);
  }

  #drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#take(`… more than ${MOST_WRITTEN} characters: the rest is not shown`);
  }
}
