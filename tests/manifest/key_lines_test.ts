import { keyLines } from "../../src/manifest/key_lines.ts";
import { assertEquals } from "../assert.ts";

Deno.test("keyLines() finds keys of TOML, and none in texts, lists and comments", () => {
  const lines = keyLines(
    [
      'a = "x = 1" # b = 2',
      "list = [",
      "  c = 3,",
      "]",
      'text = """',
      "d = 4",
      '"""',
      "[table]",
      "'e f' = 5",
      'g.h = { i = "}" }',
      "[[ many . names ]]",
      "j = '''",
      "[no]",
      "''' # end",
      '"k\\u0041" = 1',
    ].join("\n"),
    "toml",
  );
  assertEquals([...lines], [
    ["a", 1],
    ["list", 2],
    ["text", 5],
    ["table", 8],
    ['table."e f"', 9],
    ["table.g.h", 10],
    ["many.names", 11],
    ["many.names.j", 12],
    ["many.names.kA", 15],
  ]);
});

Deno.test("keyLines() finds keys of JSON, by their paths", () => {
  const lines = keyLines('{\n"a": {"b": 1,\n"c": "d\\": {"}, "e":\n[{"f": 1}, "g"],\n"h": 2}', "json");
  assertEquals([...lines], [["a", 2], ["a.b", 2], ["a.c", 3], ["e", 3], ["h", 5]]);
});
