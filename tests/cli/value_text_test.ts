import { readGuestArguments } from "../../src/cli/guest_arguments.ts";
import { valueJson, valueText } from "../../src/cli/value_text.ts";
import type { Value } from "../../src/core/value.ts";
import { assert, assertEquals } from "../assert.ts";

const CASES: readonly (readonly [string, Value, string, unknown])[] = [
  ["i32", -17, "-17", -17],
  ["i64", 2n ** 63n - 1n, "9223372036854775807", "9223372036854775807"],
  ["i64", 5n, "5", "5"],
  ["f64", 0.1, "0.1", 0.1],
  ["f64", 1e21, "1e+21", 1e21],
  ["f64", 15, "15", 15],
  ["f64", -0, "-0", "-0"],
  ["f64", NaN, "nan", "nan"],
  ["f32", Infinity, "inf", "inf"],
  ["f32", -Infinity, "-inf", "-inf"],
  ["f32", Math.fround(0.1), "0.1", 0.1],
  ["f32", Math.fround(3.4028235e38), "3.4028235e+38", 3.4028235e38],
  ["f32", 2 ** -149, "1e-45", 1e-45],
  ["f32", 16777216, "16777216", 16777216],
];

Deno.test("valueText() and valueJson() print values exactly", () => {
  for (const [type, value, text, json] of CASES) {
    assertEquals(valueText(value, type), text);
    assertEquals(JSON.parse(JSON.stringify(valueJson(value, type))), json);
  }
});

Deno.test("valueText() prints what reads back as the same value, bit by bit", () => {
  const view = new DataView(new ArrayBuffer(8));
  for (let seed = 1, round = 0; round < 3000; round++) {
    seed = (seed * 48271) % 2147483647;
    view.setUint32(0, seed * 2 + (round & 1));
    view.setUint32(4, seed);
    const values: [string, Value][] = [
      ["i32", view.getInt32(0)],
      ["i64", view.getBigInt64(0)],
      ["f32", view.getFloat32(0)],
      ["f64", view.getFloat64(0)],
    ];
    for (const [type, value] of values) {
      const text = valueText(value, type);
      const [again] = readGuestArguments([text], "f", { params: [type], results: [] });
      assert(Object.is(again, value), `${type} ${text}`);
    }
  }
});

Deno.test("valueText() and valueJson() print text, bytes and structured values, and drive no terminal", () => {
  assertEquals(valueText("a\u001b[31m\nb", "string"), "a\\x1b[31m\\x0ab");
  assertEquals(valueJson("a\u001b[31m\nb", "string"), "a\u001b[31m\nb");
  const bytes = Uint8Array.of(0, 255, 16), mixed = { bytes, big: 2n ** 64n, text: "\u202e" };
  assertEquals([valueText(bytes, "bytes"), valueJson(bytes, "bytes")], ["00ff10", "00ff10"]);
  assertEquals(
    valueText(mixed, "msgpack"),
    '{"bytes":"00ff10","big":"18446744073709551616","text":"\\u202e"}',
  );
  assertEquals(valueJson(mixed, "msgpack"), { bytes: "00ff10", big: "18446744073709551616", text: "\u202e" });
  assertEquals([valueText(null, "json"), valueJson(null, "json")], ["null", null]);
  assertEquals([valueText(-0, "f64"), valueText(0.5, "json")], ["-0", "0.5"]);
});
