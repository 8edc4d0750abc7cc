import { quote, quoteUpTo } from "../../src/core/quote.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("quote() puts plain text into double quotes, as JSON does", () => {
  assertEquals(quote("add"), '"add"');
  assertEquals(quote("größe → 数"), '"größe → 数"');
  assertEquals(quote('a"b\\c'), '"a\\"b\\\\c"');
  assertEquals(quote(""), '""');
});

Deno.test("quote() escapes what would move the cursor, colour a terminal or turn the line around", () => {
  const table: [string, string][] = [
    ["a\nb", '"a\\nb"'],
    ["\u001b[31m", '"\\u001b[31m"'],
    ["\u009b31m", '"\\u009b31m"'],
    ["\u007f", '"\\u007f"'],
    ["\u202egpj.exe", '"\\u202egpj.exe"'],
    ["\u2066x\u2069", '"\\u2066x\\u2069"'],
    ["\u2028", '"\\u2028"'],
    ["a\u200bdd", '"a\\u200bdd"'],
    ["\ufeffadd", '"\\ufeffadd"'],
    ["\ud800", '"\\ud800"'],
    ["a\u{e0041}b", '"a\\udb40\\udc41b"'],
    ["a\u{e0101}\u3164\ufe0f", '"a\\udb40\\udd01\\u3164\\ufe0f"'],
  ];
  for (const [text, quoted] of table) assertEquals(quote(text), quoted);
});

Deno.test("quote() cuts long text and says so", () => {
  assertEquals(quote("x".repeat(120)), `"${"x".repeat(120)}"`);
  assertEquals(quote("x".repeat(121)), `"${"x".repeat(120)}…"`);
  assert(quote("\u0000".repeat(1_000_000)).length < 1000);
});

Deno.test("quoteUpTo() shows as much as is asked for", () => {
  assertEquals(quoteUpTo("abcdef", 4), '"abcd…"');
  assertEquals(quoteUpTo("x".repeat(200), 200), `"${"x".repeat(200)}"`);
});
