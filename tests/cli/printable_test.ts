import { jsonText, jsonTime } from "../../src/cli/json.ts";
import { printable, printableLines, printableName } from "../../src/cli/printable.ts";
import { assertEquals } from "../assert.ts";

Deno.test("G58 printable() escapes what a terminal would obey, and what hides or reorders text", () => {
  assertEquals(printable("a\x1b[31mb\x07\r\n\x9b"), "a\\x1b[31mb\\x07\\x0d\\x0a\\x9b");
  assertEquals(printable("\u202etxt\u200b\u2066\ufeff\u2028"), "\\u202etxt\\u200b\\u2066\\ufeff\\u2028");
  assertEquals(printable("\ud800"), "\\ud800");
  assertEquals(printable("größe 😀 表"), "größe 😀 表");
});

Deno.test("G58 printableName() quotes names whose ends could not be seen", () => {
  assertEquals(printableName("add"), "add");
  assertEquals(printableName(""), '""');
  assertEquals(printableName("two words"), '"two words"');
  assertEquals(printableName('a"b'), '"a\\"b"');
  assertEquals(printableName("a\x1b[2J"), '"a\\u001b[2J"');
  assertEquals(printableName("a\\u001b[2J"), '"a\\\\u001b[2J"');
});

Deno.test("G58 jsonText() is one document on one or several lines, safe to print, that parses to the same", () => {
  const document = { text: "\x1b[31m\n\x9b\u202e\ud800 😀", list: [1, { a: null }] };
  const pretty = jsonText(document, "json"), compact = jsonText(document, "json-compact");
  assertEquals(JSON.parse(pretty), document);
  assertEquals(JSON.parse(compact), document);
  assertEquals(compact.trimEnd().includes("\n"), false);
  // deno-lint-ignore no-control-regex -- looks for control characters
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(pretty + compact), false);
});

Deno.test("jsonTime() rounds to three decimals, and leaves whole numbers alone", () => {
  assertEquals([1.25049, 0.0004, 1e-9].map(jsonTime), [1.25, 0, 0]);
  assertEquals(jsonTime(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
});

Deno.test("G58 printableLines() keeps line breaks, and escapes the rest", () => {
  assertEquals(printableLines("a\nb\x1b[2J\n"), "a\nb\\x1b[2J\n");
});
