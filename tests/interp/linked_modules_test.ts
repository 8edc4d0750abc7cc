/** Several modules in one store, against the same modules in V8: calls, tail calls and exceptions from one to the next. */
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport, type Exports, newStore, outcome } from "./rig.ts";
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { interpreterFrames } from "../../src/interp/run/traps.ts";

/** The one that others are linked to: it has the tag, the table and the counter. */
const FIRST = `(module
  (tag $t (export "t") (param i32 f64))
  (table $table (export "table") 4 funcref)
  (global $count (export "count") (mut i32) (i32.const 0))
  (memory (export "memory") 1)
  (func (export "throws") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (if (i32.gt_s (local.get 0) (i32.const 4)) (then (throw $t (local.get 0) (f64.const 1.5))))
    (i32.load (i32.sub (i32.const 3) (local.get 0))))
  (func (export "through") (param i32 i32) (result i32)
    (i32.add (i32.const 100) (call_indirect (param i32) (result i32) (local.get 0) (local.get 1))))
  (func (export "tail") (param i64 i32 i32) (result i32)
    (return_call_indirect (param i32) (result i32) (local.get 1) (local.get 2))))`;

const SECOND = `(module
  (import "first" "t" (tag $t (param i32 f64)))
  (import "first" "table" (table $table 4 funcref))
  (import "first" "count" (global $count (mut i32)))
  (import "first" "memory" (memory 1))
  (import "first" "throws" (func $throws (param i32) (result i32)))
  (import "first" "through" (func $through (param i32 i32) (result i32)))
  (import "first" "tail" (func $tail (param i64 i32 i32) (result i32)))
  (elem (i32.const 1) func $own $throws $deep)
  (func $own (param i32) (result i32) (i32.mul (local.get 0) (global.get $count)))
  (func $deep (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (unreachable))
      (else (i32.add (call $through (i32.sub (local.get 0) (i32.const 1)) (i32.const 3)) (local.get 0)))))
  (func (export "f") (param i32 i32) (result i32) (local i32)
    (local.set 2 (local.get 0))
    (i32.add
      (local.get 2)
      (block $caught (result i32)
        (block $h (result i32 f64)
          (br $caught (try_table (result i32) (catch $t $h) (call $through (local.get 0) (local.get 1)))))
        (i32.trunc_f64_s)
        (local.set 2)
        (i32.store (i32.const 8) (local.get 2))
        (i32.add (local.get 2)))))
  (func (export "g") (param i32 i32) (result i32) (call $tail (i64.const 1) (local.get 0) (local.get 1)))
  (func (export "h") (param i32 i32) (result i32) (return_call $tail (i64.const 1) (local.get 0) (local.get 1)))
  ;; A trap after an exception that came through another module.
  (func (export "trap") (param i32 i32) (result i32)
    (block $h (try_table (catch_all $h) (drop (call $through (local.get 0) (local.get 1)))))
    (i32.load (i32.const -1))))`;

/** V8 prints no more. */
const V8_FRAMES = 10;

const IMPORTS = ["t", "table", "count", "memory", "throws", "through", "tail"];

function onV8(): Exports {
  const [first, second] = [FIRST, SECOND].map((text) => new WebAssembly.Module(compileText(text)));
  if (first === undefined || second === undefined) throw new Error("Two modules were compiled");
  return new WebAssembly.Instance(second, { first: new WebAssembly.Instance(first).exports }).exports;
}

function interpreted(): Exports {
  const store = newStore(), first = store.instantiate(compileModule(compileText(FIRST)), []);
  return store.instantiate(compileModule(compileText(SECOND)), IMPORTS.map((name) => first[name]));
}

/** Offsets of the frames of what a call throws. */
function placesOf(call: () => unknown): number[] {
  try {
    call();
  } catch (error) {
    const own = interpreterFrames(error);
    if (own !== undefined) return own.map(({ offset }) => offset);
    const stack = error instanceof Error ? error.stack ?? "" : "";
    return [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, offset = ""]) =>
      parseInt(offset, 16)
    );
  }
  return [];
}

Deno.test("calls, tail calls, exceptions and traps go from module to module as they do in V8", () => {
  const v8 = onV8(), own = interpreted();
  for (const name of ["f", "g", "h", "trap"]) {
    for (const number of [0, 3, 4, 5, 9, 40]) {
      for (const place of [0, 1, 2, 3, 4]) {
        const call = (exports: Exports) => () => callExport(exports, name, number, place);
        const what = `${name}(${number}, ${place})`;
        const [expected, actual] = [outcome(call(v8)), outcome(call(own))].map(String);
        assertEquals(actual, expected, what);
        assertEquals(placesOf(call(own)).slice(0, V8_FRAMES), placesOf(call(v8)), what);
      }
    }
  }
});
