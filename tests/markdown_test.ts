import { assertEquals, assertThrows } from "./assert.ts";
import {
  matchesOutput,
  readCodeBlocks,
  readFragments,
  readLinks,
  readTranscript,
  splitWords,
} from "./markdown.ts";

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

Deno.test("readLinks() reads links of every form, and none of code", () => {
  const text = '[a](b.md#c) ![i](d/e.png "title") [w](https://example.com)\n[f](#x) [![p](q.svg)](r.md)\n\n' +
    '[s]: t.md\n<a href="u.md">u</a> `[n](o.md)` ``[n](`)`` [v](w.md)\n\n```md\n[n](o.md)\n```\n[x](<y.md>)\n';
  assertEquals(
    readLinks(text).sort(),
    ["#x", "b.md#c", "d/e.png", "https://example.com", "q.svg", "r.md", "t.md", "u.md", "w.md", "y.md"],
  );
});

Deno.test("readFragments() makes fragments of headings as forges do", () => {
  const text =
    "# The `env` table: a_b, c-d\n## [Linked](x.md) /api/v1\n## Bounds\n```sh\n# none\n```\n### Bounds ###\n" +
    '<a id="own"></a>\n#none\n';
  assertEquals([...readFragments(text)], [
    "the-env-table-a_b-c-d",
    "linked-apiv1",
    "bounds",
    "bounds-1",
    "own",
  ]);
});
