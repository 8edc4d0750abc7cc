import type { ImportValue } from "../../src/guest/engine.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../assert.ts";
import { compileText, legacyTextCompiler } from "../testsuite/module_bytes.ts";
import { InstrumentedRun } from "./instrumented.ts";

const ours = (...functions: ((...args: unknown[]) => unknown)[]): ImportValue[] =>
  functions.map((run) => ({ ours: run }));

const CATCHING = `(module (import "m" "f" (func $f (param i32) (result i32)))
  (global $caught (export "caught") (mut i32) (i32.const 0))
  (func (export "f") (param i32) (result i32)
    (block $c (try_table (catch_all $c) local.get 0 call $f return))
    i32.const 1 global.set $caught i32.const -1))`;

Deno.test("the shim makes a trap of what a host function throws, which no handler catches", async () => {
  const thrown: unknown[] = [
    new Error("x"),
    "text",
    undefined,
    null,
    new WebAssembly.RuntimeError("forged"),
    5n,
  ];
  const legacy = await legacyTextCompiler();
  const old = legacy(`(module (import "m" "f" (func $f (param i32) (result i32)))
    (global (export "caught") (mut i32) (i32.const 0))
    (func (export "f") (param i32) (result i32) try (result i32) local.get 0 call $f
      catch_all i32.const 1 global.set 0 i32.const -1 end))`);
  for (const bytes of [compileText(CATCHING), old]) {
    for (const value of thrown) {
      const throwing = () => {
        throw value;
      };
      const run = await InstrumentedRun.start(bytes, { imports: ours(throwing) });
      const error = assertThrows(() => run.call("f", [3]), WebAssembly.RuntimeError, "unreachable");
      assertMatch(error.stack ?? "", /aegis-shim/);
      const { caught } = run.instance.exports;
      assert(caught instanceof WebAssembly.Global);
      assertEquals(caught.value, 0, String(value));
    }
  }
});

Deno.test("the shim makes a trap of an exception that the host function throws as WebAssembly.Exception", async () => {
  // The library types lack both classes.
  const { Tag, Exception } = WebAssembly as unknown as {
    Tag: new (type: { parameters: string[] }) => object;
    Exception: new (tag: object, payload: unknown[]) => object;
  };
  const tag = new Tag({ parameters: [] });
  const run = await InstrumentedRun.start(compileText(CATCHING), {
    imports: ours(() => {
      throw new Exception(tag, []);
    }),
  });
  assertThrows(() => run.call("f", [3]), WebAssembly.RuntimeError, "unreachable");
});

Deno.test("the shim stops an instance that was killed when a function or hook returns to it", async () => {
  const bytes = compileText(`(module (import "m" "f" (func $f)) (memory 1)
    (global $after (export "after") (mut i32) (i32.const 0))
    (func $mark i32.const 1 global.set $after)
    (func (export "call") (block (try_table (catch_all 0) call $f call $mark)))
    (func (export "grow") i32.const 1 memory.grow drop call $mark)
    (func (export "loop") (local i32) (block (try_table (catch_all 0)
      (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100000))))))
      call $mark))`);
  for (const name of ["call", "grow", "loop"]) {
    const run: InstrumentedRun = await InstrumentedRun.start(bytes, {
      imports: ours(() => run.instance.kill()),
      hooks: {
        growMemory: (instance) => {
          instance.kill();
          return 1;
        },
        refuel: (instance) => {
          if (name === "loop" && instance.fuel.value < -100n) instance.kill();
          else if (name !== "loop") instance.fuel.value = 1000n;
        },
      },
    });
    const { after } = run.instance.exports;
    assert(after instanceof WebAssembly.Global);
    assertThrows(() => run.call(name), WebAssembly.RuntimeError, "unreachable");
    assertEquals(after.value, 0, name);
  }
});

Deno.test("the shim lets an instance go on after it was revived", async () => {
  let dies = true;
  const run: InstrumentedRun = await InstrumentedRun.start(
    compileText('(module (import "m" "f" (func $f)) (func (export "f") (result i32) call $f i32.const 9))'),
    { imports: ours(() => dies && run.instance.kill()) },
  );
  assertThrows(() => run.call("f"), WebAssembly.RuntimeError);
  dies = false;
  run.instance.revive();
  assertEquals(run.call("f"), 9);
});

Deno.test("the shim passes values of every type as V8 does, several results included", async () => {
  const seen: unknown[][] = [];
  const bytes = compileText(`(module
    (import "m" "a" (func $a (param i32 i64 f32 f64 externref) (result i64)))
    (import "m" "b" (func $b (result i32 i64 f32 f64)))
    (func (export "a") (param externref) (result i64) i32.const -1 i64.const -2 f32.const 0.5 f64.const -0 local.get 0 call $a)
    (func (export "b") (result i32 i64 f32 f64) call $b))`);
  const run = await InstrumentedRun.start(bytes, {
    imports: ours(
      (...args) => {
        seen.push(args);
        return 2n ** 63n;
      },
      () => [2 ** 32 - 1, 2n ** 64n - 1n, 0.1, NaN],
    ),
  });
  const reference = {};
  assertEquals(run.call("a", [reference]), -(2n ** 63n));
  assertEquals(seen, [[-1, -2n, 0.5, -0, reference]]);
  assertEquals(run.call("b"), [-1, -1n, Math.fround(0.1), NaN]);
});

Deno.test("the shim gives each import its own type, recursive types and equal names included", async () => {
  const bytes = compileText(`(module
    (rec (type $s (struct (field i32))) (type $f (func (param (ref null $s)) (result i32))))
    (type $g (func (result i32)))
    (import "m" "same" (func $a (type $f)))
    (import "m" "same" (func $b (type $g)))
    (import "__proto__" "constructor" (func $c (type $g)))
    (import "m" "memory" (memory 1))
    (func (export "f") (result i32)
      (i32.add (i32.add (call $a (ref.null $s)) (call $b)) (call $c))))`);
  const memory: ImportValue = { value: new WebAssembly.Memory({ initial: 1 }) };
  const imports = [...ours(() => 1, () => 10, () => 100), memory];
  const run = await InstrumentedRun.start(bytes, { imports, unboundedHeap: true });
  assertEquals(run.call("f"), 111);
});

Deno.test("a function of another instance is linked directly, past the shim's own place for it", async () => {
  const provider = await InstrumentedRun.start(
    compileText('(module (func (export "f") (param i32) (result i32) local.get 0 i32.const 1 i32.add))'),
  );
  const { f } = provider.instance.exports;
  assert(typeof f === "function");
  const run = await InstrumentedRun.start(compileText(CATCHING), { imports: [{ value: f }] });
  assertEquals(run.call("f", [41]), 42);
});
