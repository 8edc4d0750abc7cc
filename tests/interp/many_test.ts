/** Modules of many parts are compiled in time that is linear in their bytes, and to data that is cheap to post. */
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { END, funcType, join, leb, wasmModule } from "../wasm/module_builder.ts";
import { callExport, onBoth } from "./rig.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const EMPTY = funcType([], []);

/** Milliseconds; what grows with the square of the count takes many times as long. */
const MOST = 5000;

function took(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

Deno.test("compileModule() looks no further than a function's end, so that many functions take no longer each", () => {
  const functions = Array.from({ length: 250_000 }, () => ({ type: 0, code: [] }));
  const bytes = wasmModule({ types: [EMPTY], functions }), time = took(() => compileModule(bytes));
  assert(time < MOST, `it took ${time.toFixed(0)} ms`);
});

Deno.test("compileModule() makes a list of functions of elements that name one each", () => {
  const elements = [join([[5, 0x70], leb(3), [0xd2, 0, END], [0xd0, 0x70, END], [0xd2, 1, END]])];
  const functions = [{ type: 0, code: [] }, { type: 0, code: [] }];
  const [segment] = compileModule(wasmModule({ types: [EMPTY], functions, elements })).elements;
  assertEquals(segment?.functions, Int32Array.of(0, -1, 1));
  assertEquals(segment?.code, undefined);
});

Deno.test("elements are what their expressions say: functions, null, globals", () => {
  const { v8, interpreter } = onBoth(compileText(`(module (table $t 6 funcref)
    (global $g funcref (ref.func $two)) (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
    (elem (table $t) (i32.const 0) funcref (ref.func $one) (ref.null func) (ref.func $two))
    (elem (table $t) (i32.const 3) funcref (ref.func $one) (global.get $g) (ref.null func))
    (func (export "at") (param i32) (result i32)
      (if (result i32) (ref.is_null (table.get $t (local.get 0))) (then (i32.const -1))
        (else (call_indirect $t (result i32) (local.get 0))))))`));
  for (const exports of [v8, interpreter]) {
    assertEquals([0, 1, 2, 3, 4, 5].map((index) => callExport(exports, "at", index)), [1, -1, 2, 1, 2, -1]);
  }
});
