import { formatFuncType } from "../../src/core/value.ts";
import { assertEquals } from "../assert.ts";

Deno.test("formatFuncType() prints parameters and results in brackets", () => {
  assertEquals(formatFuncType({ params: [], results: [] }), "() -> ()");
  assertEquals(formatFuncType({ params: ["i32", "i64"], results: ["f64"] }), "(i32, i64) -> (f64)");
  assertEquals(formatFuncType({ params: [], results: ["i32", "externref"] }), "() -> (i32, externref)");
});
