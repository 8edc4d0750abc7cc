import { callableExports } from "../../src/inspection/callable_exports.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { customSection } from "../wasm/module_builder.ts";

Deno.test("callableExports() tells how exported functions are called, and why others are not", () => {
  const bytes = compileText(`(module (import "env" "f" (func (param f64)))
    (export "passed on" (func 0)) (memory (export "memory") 1)
    (func (export "add") (param i32 i64) (result i32) (local.get 0))
    (func (export "greet") (param i32 i32) (result i64) (i64.const 0))
    (func (export "vector") (param v128)))`);
  const stated = [...new TextEncoder().encode("greet(string) -> json\nadd(string) -> string\n")];
  const module = readModule(Uint8Array.from([...bytes, ...customSection("aegis:signatures", stated)]));
  assertEquals(callableExports(module), [
    { name: "passed on", index: 0, params: ["f64"], results: [] },
    { name: "add", index: 1, params: ["i32", "i64"], results: ["i32"] },
    { name: "greet", index: 2, params: ["string"], results: ["json"] },
    {
      name: "vector",
      index: 3,
      params: [],
      results: [],
      problem: "its type is (v128) -> (), and no v128 can cross",
    },
  ]);
});
