import { type CodeHit, searchCode, type SearchPosition } from "../../src/inspection/search_code.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { namedModule, readWithNames } from "./code_module.ts";

const MOST = { mostHits: 500, mostBytes: 1_000_000 };

const SAMPLE = readWithNames(namedModule(
  `(import "env" "log" (func))
  (func (i32.const 1) (i32.const 2) (i32.add) (drop))
  (func (call 0) (call 1))
  (func (drop (i64.const 1)))`,
  { functions: { 1: "Sum", 2: "main" } },
));

function found(text: string): [number, string][] {
  return searchCode(SAMPLE, { text, ...MOST }).hits.map(({ functionIndex, text }) => [functionIndex, text]);
}

Deno.test("searchCode() finds instructions by their text and by what their items are called", () => {
  assertEquals(found("const 1"), [[1, "i32.const 1"], [3, "i64.const 1"]]);
  assertEquals(found("sum"), [[2, "call 1"]]);
  assertEquals(found("ENV.LOG"), [[2, "call 0"]]);
  assertEquals(found("f32"), []);
  assertEquals(found(""), []);
  const [hit] = searchCode(SAMPLE, { text: "call 1", ...MOST }).hits;
  const { functionName, note, callee } = hit ?? {};
  assertEquals([functionName, note, callee], ["main", "Sum", 1]);
});

Deno.test("searchCode() finds the same in whatever parts it is asked", () => {
  const count = 100;
  const text = Array.from(
    { length: count },
    (_, at) => `(func (drop (i32.const ${at})) (drop (f32.const 0)))`,
  );
  const source = readWithNames(compileText(`(module ${text.join(" ")})`));
  const whole = searchCode(source, { text: "drop", ...MOST });
  assertEquals([whole.hits.length, whole.next], [2 * count, undefined]);
  for (const most of [{ mostHits: 1 }, { mostHits: 7 }, { mostBytes: 1 }, { mostBytes: 99 }]) {
    const limits = { ...MOST, ...most }, hits: CodeHit[] = [];
    let from: SearchPosition | undefined, parts = 0;
    do {
      const part = searchCode(source, { text: "drop", from, ...limits });
      assert(part.hits.length <= limits.mostHits);
      hits.push(...part.hits);
      from = part.next;
      parts++;
    } while (from !== undefined);
    assertEquals(hits, [...whole.hits]);
    assert(parts > 5);
  }
});
