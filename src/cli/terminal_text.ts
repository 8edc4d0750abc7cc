/** What a guest prints, made safe for a terminal: it may break lines and indent them, and do nothing else. */
import { escapeShort } from "../core/plain_text.ts";

/**
 * Controls but tab, line feed and carriage return, those of the upper half included, and characters that reorder the
 * text around them.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** One stream of a guest's output on its way to a terminal: pieces may end inside a character. */
export class TerminalText {
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder: TextEncoder = new TextEncoder();

  /** Escapes controls as `\x1b`, and replaces what is no UTF-8. */
  neutralise(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const text = this.#decoder.decode(bytes, { stream: true });
    return this.#encoder.encode(text.replace(UNSAFE, escapeShort));
  }
}
