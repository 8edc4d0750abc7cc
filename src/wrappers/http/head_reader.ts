/** Takes the head of an answer off a stream of bytes: lines up to an empty one. The bytes are the guest's. */
import type { HeaderLine } from "./guest_headers.ts";
import { HttpFailure } from "./http_failure.ts";

const LINE_FEED = 10, RETURN = 13;

/** Bytes as characters of the same code: headers carry bytes. */
const DECODER = new TextDecoder("latin1");

export class HeadReader {
  readonly #most: number;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(512);
  #length = 0;
  /** Where the line begins that is not complete yet. */
  #line = 0;
  readonly #lines: string[] = [];

  /** @param most bytes of a head */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @returns what is behind the head, once its last line was there; undefined before
   * @throws {HttpFailure} 502 for a head that is too long
   */
  add(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    const before = this.#length, taken = piece.subarray(0, this.#most - before);
    this.#append(taken);
    for (let at = before; at < this.#length; at++) {
      if (this.#bytes[at] !== LINE_FEED) continue;
      const end = at > this.#line && this.#bytes[at - 1] === RETURN ? at - 1 : at;
      if (end === this.#line) return piece.subarray(at + 1 - before);
      this.#lines.push(DECODER.decode(this.#bytes.subarray(this.#line, end)));
      this.#line = at + 1;
    }
    if (taken.length < piece.length) {
      throw new HttpFailure(502, `the guest's answer has a head of more than ${this.#most} bytes`);
    }
    return undefined;
  }

  /** Whether nothing came at all. */
  get empty(): boolean {
    return this.#length === 0;
  }

  /** The lines of the head, in order. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  #append(bytes: Uint8Array<ArrayBuffer>): void {
    const end = this.#length + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, Math.min(2 * this.#bytes.length, this.#most)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = end;
  }
}

/** Lines as headers. A line that goes on another one is refused, as RFC 9112 has it. @throws {HttpFailure} 502 */
export function headerLines(lines: readonly string[]): HeaderLine[] {
  return lines.map((line): HeaderLine => {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new HttpFailure(502, "the guest's answer has a line that is no header");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
  });
}
