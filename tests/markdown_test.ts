import { assertEquals, assertThrows } from "./assert.ts";
import { matchesOutput, readCodeBlocks, readRelativeLinks, readTranscript, splitWords } from "./markdown.ts";

Deno.test("readCodeBlocks() reads languages, texts and lines, and misses no open end", () => {
  assertEquals(readCodeBlocks("a\n```ts\nx;\n\ny;\n```\n```\nz\n```\n"), [
    { language: "ts", text: "x;\n\ny;", line: 2 },
    { language: "", text: "z", line: 7 },
  ]);
  assertThrows(() => readCodeBlocks("```ts\nx"), Error, "line 1");
});

Deno.test("readTranscript() pairs commands with their output", () => {
  assertEquals(readTranscript("$ a b\none\ntwo\n$ c \\\n    d\n$ e"), [
    { command: "a b", output: "one\ntwo" },
    { command: "c d", output: "" },
    { command: "e", output: "" },
  ]);
  assertThrows(() => readTranscript("out"), Error, "starts with a command");
});

Deno.test("splitWords() keeps quoted words whole", () => {
  assertEquals(splitWords(`run a.wat -- 'x y' "z" -5`), ["run", "a.wat", "--", "x y", "z", "-5"]);
});

Deno.test("matchesOutput() takes … for any text of one line, and nothing else for granted", () => {
  assertEquals(matchesOutput("Result: 15\nTime: 1.2ms\n", "Result: 15\nTime: …"), true);
  assertEquals(matchesOutput("Result: 15\nTime: 1\nmore", "Result: 15\nTime: …"), false);
  assertEquals(matchesOutput("Result: 150", "Result: 15"), false);
  assertEquals(matchesOutput("a+b", "a.b"), false);
});

Deno.test("readRelativeLinks() reads links to files only", () => {
  assertEquals(readRelativeLinks("[a](b.md#c) ![i](d/e.png) [w](https://example.com) [f](#x)"), [
    "b.md",
    "d/e.png",
  ]);
});
