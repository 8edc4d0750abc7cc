import { argumentJson, argumentWord } from "../../../src/dashboard/forms/argument_json.ts";
import { readValueWord } from "../../../src/core/value_word.ts";
import { callArguments } from "../../../src/tasks/call_values.ts";
import { assert, assertEquals } from "../../assert.ts";

Deno.test("argumentJson() is what the server reads as the same value", () => {
  const words = {
    i32: ["0", "-2147483648", "4294967295", "0xff"],
    i64: ["0", "-9223372036854775808", "18446744073709551615", "-0x1"],
    f32: ["0.1", "-0", "nan", "inf", "-inf", "1e-45"],
    f64: ["0.1", "-0", "nan", "inf", "-inf", "1.7976931348623157e308"],
  } as const;
  for (const [kind, all] of Object.entries(words)) {
    for (const word of all) {
      const value = readValueWord(word, kind as keyof typeof words), type = { params: [kind], results: [] };
      const sent = JSON.parse(JSON.stringify(argumentJson(value ?? null)));
      // Zero and minus zero are two.
      assert(Object.is(callArguments([sent], type)[0], value), `${kind} ${word}`);
      assert(Object.is(readValueWord(argumentWord(sent, kind), kind as keyof typeof words), value), word);
    }
  }
});

Deno.test("argumentWord() writes a single-precision number without the noise of a double, and structured values as JSON", () => {
  assertEquals(argumentWord(Math.fround(0.1), "f32"), "0.1");
  assertEquals(argumentWord(["a"], "json"), '["a"]');
  assertEquals(argumentWord("it's", "string"), "it's");
});
