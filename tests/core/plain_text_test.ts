import { plainText } from "../../src/core/plain_text.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("plainText() leaves text as it is but for what is more than text", () => {
  const table: [string, string][] = [
    ['größe → 数 "x" \\', 'größe → 数 "x" \\'],
    ["a\nb\u0000", "a\\u000ab\\u0000"],
    ["\u001b[31m\u009b31m", "\\u001b[31m\\u009b31m"],
    ["\u202egpj.exe", "\\u202egpj.exe"],
    ["\ud800", "\\ud800"],
    ["", ""],
  ];
  for (const [text, plain] of table) assertEquals(plainText(text, 100), plain);
});

Deno.test("plainText() cuts long text and says so", () => {
  assertEquals(plainText("abcdef", 4), "abcd…");
  assertEquals(plainText("abcd", 4), "abcd");
  assert(plainText("\u0000".repeat(1_000_000), 100).length < 1000);
});
