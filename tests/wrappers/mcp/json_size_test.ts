import { jsonSize } from "../../../src/wrappers/mcp/json_size.ts";
import { assert, assertEquals } from "../../assert.ts";
import fc from "../../fast_check.ts";

Deno.test("jsonSize() counts the bytes that JSON.stringify() makes", () => {
  const text = fc.string({ unit: "binary" });
  const strange = fc.constantFrom(
    "\0",
    '"\\',
    "\b\f\n\r\t\x1f\x7f",
    "é€🙂",
    "\ud83d",
    "\ude42\ud83d",
    "\u2028",
  );
  const value = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(fc.oneof(text, strange, value, fc.dictionary(strange, fc.tuple(text, value))), (given) => {
      assertEquals(jsonSize(given), new TextEncoder().encode(JSON.stringify(given)).length);
    }),
    { numRuns: 200 },
  );
  const odd = { a: undefined, b: [undefined, NaN, -0, 1e21, Infinity] };
  assertEquals(jsonSize(odd), JSON.stringify(odd).length);
  assertEquals([jsonSize(12n), jsonSize(new Uint8Array(4))], ['"12"'.length, '"AAAAAA=="'.length]);
});

Deno.test("jsonSize() stops at the limit", () => {
  const text = "\0".repeat(16 * 1024 * 1024), started = performance.now();
  for (let time = 0; time < 1000; time++) assert(jsonSize([text, text], 1000) > 1000);
  assert(performance.now() - started < 1000);
});
