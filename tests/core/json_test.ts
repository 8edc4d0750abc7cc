import { jsonNumber } from "../../src/core/json.ts";
import { assertEquals } from "../assert.ts";

Deno.test("jsonNumber() gives text for amounts that a double would round", () => {
  assertEquals(jsonNumber(5n), 5);
  assertEquals(jsonNumber(2n ** 53n), "9007199254740992");
  assertEquals(jsonNumber(-(2n ** 60n)), "-1152921504606846976");
  assertEquals(jsonNumber(1.5), 1.5);
  assertEquals(jsonNumber(Infinity), "Infinity");
});
