import { printedText } from "../../../src/dashboard/execute/printed_text.ts";
import { shownResults } from "../../../src/dashboard/execute/result_text.ts";
import { addressText, readAddress } from "../../../src/dashboard/execute/url_state.ts";
import { resultsJson } from "../../../src/tasks/call_values.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("shownResults() prints values with their types, without the noise of doubles", () => {
  const values = [-1, -(2n ** 63n), Math.fround(0.1), NaN, -0, "te\x1bxt", { a: [1] }];
  const types = ["i32", "i64", "f32", "f64", "f64", "string", "json"];
  assertEquals(
    shownResults(JSON.parse(resultsJson(values)), types).map(({ text, type }) => `${type} ${text}`),
    [
      "i32 -1",
      "i64 -9223372036854775808",
      "f32 0.1",
      "f64 nan",
      "f64 -0",
      "string te\\x1bxt",
      'json {"a":[1]}',
    ],
  );
  assertEquals(shownResults(["5"], undefined), [{ type: "", text: "5" }]);
  assertEquals(shownResults(null, ["i32"]), []);
});

Deno.test("printedText() shows what cannot be seen, and leaves all else", () => {
  assertEquals(printedText("a\tb\nc\0\x7f\u202e\u{e0001} 漢🦕"), "a\tb\nc\\x00\\x7f\\u202e\\u{e0001} 漢🦕");
});

Deno.test("readAddress() reads what addressText() wrote, and leaves out what cannot be", () => {
  const address = { module: "a".repeat(64), function: "a&b=<c>\n", task: "0-9-a" };
  assertEquals(readAddress(addressText(address)), address);
  const none = { module: undefined, function: undefined, task: undefined };
  assertEquals(addressText(none), "");
  assertEquals(readAddress("?module=../../x&task=%2e%2e%2f"), none);
});
