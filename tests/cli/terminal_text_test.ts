import { TerminalText } from "../../src/cli/terminal_text.ts";
import { assertEquals } from "../assert.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

function shown(...pieces: readonly (string | Uint8Array<ArrayBuffer>)[]): string {
  const text = new TerminalText();
  return pieces.map((piece) =>
    decoder.decode(text.neutralise(typeof piece === "string" ? encoder.encode(piece) : piece))
  ).join("");
}

Deno.test("TerminalText leaves plain text, lines and tabs alone", () => {
  const text = "naïve 日本語\tx\r\n🎉";
  assertEquals(shown(text), text);
});

Deno.test("G58 TerminalText escapes what drives a terminal, in every spelling", () => {
  assertEquals(shown("\x1b]0;title\x07\x1b[2J"), "\\x1b]0;title\\x07\\x1b[2J");
  assertEquals(shown("\u009b31m\u0090q\u009c"), "\\x9b31m\\x90q\\x9c");
  assertEquals(shown("a\x08b\x7fc\x0ed\0"), "a\\x08b\\x7fc\\x0ed\\x00");
  assertEquals(shown("\u202eevil\u2066"), "\\u202eevil\\u2066");
});

Deno.test("G58 TerminalText reads characters that are cut between two pieces", () => {
  const bytes = encoder.encode("é\u009bx");
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(shown(bytes.slice(0, cut), bytes.slice(cut)), "é\\x9bx", String(cut));
  }
});

Deno.test("G58 TerminalText replaces bytes that are no UTF-8, which an 8-bit terminal would take for controls", () => {
  // As bytes: decoding them for the comparison would replace them, too.
  const bytes = new TerminalText().neutralise(Uint8Array.of(0x9b, 0x33, 0x31, 0x6d, 0xff));
  assertEquals(bytes, encoder.encode("\ufffd31m\ufffd"));
});
