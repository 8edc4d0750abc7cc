/** Reads what a CGI program prints: header lines, an empty line, a body. RFC 3875, section 6. */
import { answerHead, type HeaderLine } from "./guest_headers.ts";
import { headerLines, HeadReader } from "./head_reader.ts";
import type { HeldAnswer } from "./held_answer.ts";
import { HttpFailure } from "./http_failure.ts";

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;

export class CgiAnswer {
  readonly #answer: HeldAnswer;
  readonly #head: HeadReader;
  /** Where the program wants the request to go on: a path on this host. */
  #redirect: string | undefined;

  /** @param headerSize bytes of a head */
  constructor(answer: HeldAnswer, headerSize: number) {
    this.#answer = answer;
    this.#head = new HeadReader(headerSize);
  }

  get redirect(): string | undefined {
    return this.#redirect;
  }

  /** Takes what the program prints. @returns a promise while there is no room for more */
  take(bytes: Uint8Array<ArrayBuffer>): void | Promise<void> {
    if (this.#redirect !== undefined) return;
    if (this.#answer.begun) return this.#answer.push(bytes);
    try {
      const rest = this.#head.add(bytes);
      if (rest === undefined) return;
      this.#begin(headerLines(this.#head.lines));
      return this.#answer.begun ? this.#answer.push(rest) : undefined;
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      this.#answer.fail(error, true);
    }
  }

  #begin(lines: readonly HeaderLine[]): void {
    const values = (wanted: string) =>
      lines.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    const statuses = values("status"),
      [status] = statuses,
      locations = values("location"),
      [location] = locations;
    if (lines.length === 0 || statuses.length > 1 || locations.length > 1) {
      throw new HttpFailure(502, "the guest's answer has no header, or says twice what it is");
    }
    if (location !== undefined && status === undefined && location.startsWith("/")) {
      if (lines.length > 1) throw new HttpFailure(502, "the guest's local redirect has other headers");
      this.#redirect = location;
      return;
    }
    if (location !== undefined && status === undefined && !ABSOLUTE.test(location)) {
      throw new HttpFailure(502, "the guest redirects to what is neither a path nor a URL");
    }
    const code = status === undefined ? location === undefined ? 200 : 302 : statusCode(status);
    this.#answer.begin(answerHead(code, lines.filter(([name]) => name.toLowerCase() !== "status")));
  }
}

/** @throws {HttpFailure} 502 */
function statusCode(text: string): number {
  const digits = /^(\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(text)?.[1];
  if (digits === undefined) throw new HttpFailure(502, "the guest's answer has a status that is none");
  return Number(digits);
}
