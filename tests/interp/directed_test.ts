/** Shapes of code at which the interpreter's compiler does something clever, against V8. */
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals } from "../assert.ts";
import { callExport, type Exports, onBoth, outcome } from "./rig.ts";
import { interpreterFrames, thrownBy } from "../../src/interp/run/traps.ts";

type Host = (...args: unknown[]) => unknown;

/** Calls the export `f` on both. */
function assertAlike(
  text: string,
  argumentRows: readonly (readonly unknown[])[] = [[]],
  hosts: readonly Host[] = [],
): void {
  const { v8, interpreter } = onBoth(compileText(text), hosts);
  for (const row of argumentRows) {
    assertEquals(
      outcome(() => callExport(interpreter, "f", ...row)),
      outcome(() => callExport(v8, "f", ...row)),
      `f(${row.map(String)})`,
    );
  }
}

/** Offsets of a trap's frames, innermost first, on both. */
function trapPlaces(text: string, args: readonly unknown[] = []): { v8: number[]; interpreter: number[] } {
  const { v8, interpreter } = onBoth(compileText(text));
  const caught = (call: () => unknown): unknown => {
    try {
      return call();
    } catch (error) {
      return error;
    }
  };
  const error = caught(() => callExport(v8, "f", ...args));
  const stack = error instanceof Error ? error.stack ?? "" : "";
  return {
    v8: [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, offset = ""]) =>
      parseInt(offset, 16)
    ),
    interpreter: (interpreterFrames(caught(() => callExport(interpreter, "f", ...args))) ?? []).map((
      { offset },
    ) => offset),
  };
}

Deno.test("a step of a loop that is fused with its comparison leaves operands as they are that stand for its local", () => {
  for (const tail of ["if (result i32) (i32.const 5) else (i32.const 6) end", ""]) {
    const condition = "local.get 0 i32.const 10 i32.lt_s";
    const code = tail === ""
      ? `block (result i32 i32 i32 i32)
           local.get 0 i32.const 3 i32.add local.set 0 local.get 0 local.get 0 local.get 0 local.get 0 ${condition}
           br_if 0 i32.const 7 i32.mul end i32.add i32.add i32.add`
      : `local.get 0 i32.const 1 i32.add local.set 0 local.get 0 ${condition} ${tail} i32.add`;
    assertAlike(`(module (func (export "f") (param i32) (result i32) ${code}))`, [[0], [6], [9], [10], [99]]);
  }
});

Deno.test("a step that takes its number from where an operand is put later comes before that operand", () => {
  assertAlike(
    `(module (func (export "f") (param i32 i64) (result i64 i32) (local i32)
      i32.const 0 i32.const 1 i32.sub local.set 2
      local.get 1 i32.const 7 local.get 2 local.get 0 i32.ne br_if 0
      drop drop i64.const 0 local.get 2))`,
    [[0, 5n], [-1, 5n]],
  );
});

Deno.test("a load whose address and offset exceed the memory's largest address traps where it stands, in a sequence, too", () => {
  const places = trapPlaces(
    `(module (memory 1) (global $g (mut i32) (i32.const 3))
      (func (export "f") (param i32) (result i32)
        (drop (i32.load offset=4 (local.get 0)))
        (i32.add
          (global.get $g)
          (i32.load offset=32 (i32.add (local.get 0) (i32.const -64))))))`,
    [60],
  );
  assertEquals(places.interpreter.length, 1);
  assertEquals(places.interpreter, places.v8);
});

Deno.test("a trap after an exception has the frames of the handler's function and its callers", () => {
  const places = trapPlaces(
    `(module (memory 1) (tag $t)
    (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (throw $t))))
    (func $catch (param i32) (result i32)
      (block $h (try_table (catch $t $h) (call $deep (local.get 0))))
      (i32.load (i32.const -4)))
    (func (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $catch (local.get 0)))))`,
    [3],
  );
  assertEquals(places.interpreter.length, 2);
  assertEquals(places.interpreter, places.v8);
});

Deno.test("references of the host are kept while the guest holds them, whatever number of others comes and goes", () => {
  const made: object[] = [];
  const { interpreter } = onBoth(
    compileText(`(module (import "h" "make" (func $make (result externref)))
      (func (export "f") (param i32) (result externref) (local i64 i64 i64 i64 externref)
        (local.set 5 (call $make))
        (loop $again
          (drop (call $make))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 5))
      (func (export "g") (param externref externref) (result externref) (local.get 0)))`),
    [() => made[made.push({}) - 1]],
  );
  for (const count of [10, 3000]) {
    made.length = 0;
    assert(callExport(interpreter, "f", count) === made[0], `${count} others`);
  }
  for (let call = 0; call < 3000; call++) {
    const first = {};
    assert(callExport(interpreter, "g", first, {}) === first, `call ${call}`);
  }
});

Deno.test("exceptions are kept while the guest holds them, whatever number of others comes and goes", () => {
  assertAlike(
    `(module (tag $t (param i32))
      (func (export "f") (param i32) (result i32) (local i64 i64 i64 i64 exnref)
        (block $h (result exnref)
          (try_table (catch_all_ref $h) (throw $t (local.get 0)))
          (unreachable))
        (local.set 5)
        (loop $again
          (block $h (result exnref) (try_table (catch_all_ref $h) (throw $t (local.get 0))) (unreachable))
          (drop)
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (block $h (result i32) (try_table (catch $t $h) (throw_ref (local.get 5))) (unreachable))))`,
    [[10], [3000]],
  );
});

Deno.test("references that an exception carries are kept until it is caught", () => {
  const made: object[] = [];
  const { interpreter } = onBoth(
    compileText(`(module (import "h" "make" (func $make (result externref))) (tag $t (param externref))
      (func (export "f") (param i32) (result externref) (local i64 i64 i64 i64 exnref)
        (block $h (result exnref) (try_table (catch_all_ref $h) (throw $t (call $make))) (unreachable))
        (local.set 5)
        (loop $again
          (drop (call $make))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (block $h (result externref) (try_table (catch $t $h) (throw_ref (local.get 5))) (unreachable))))`),
    [() => made[made.push({}) - 1]],
  );
  for (const count of [10, 3000]) {
    made.length = 0;
    assert(callExport(interpreter, "f", count) === made[0], `${count} others`);
  }
});

Deno.test("what a host returns that is no value of the function's type ends the guest with a trap", () => {
  const rows: readonly (readonly [results: string, values: readonly unknown[]])[] = [
    ["i64", [undefined, 1, "x", Symbol()]],
    ["i32 i32", [undefined, 1, [1], [1, 2, 3], [1, 2n]]],
    ["v128", [1]],
  ];
  for (const [results, values] of rows) {
    for (const value of values) {
      const { interpreter } = onBoth(
        compileText(
          `(module (import "h" "h" (func (result ${results}))) (func (export "f") (call 0) unreachable))`,
        ),
        [() => value],
      );
      const error = outcome(() => callExport(interpreter, "f"));
      assertEquals(error, "trap: unreachable", String(value));
    }
  }
});

Deno.test("a RangeError of a host is no overflow of the stack", () => {
  const { interpreter } = onBoth(
    compileText(`(module (import "h" "h" (func)) (export "f" (func 0)) (func (export "g") (call 0)))`),
    [() => {
      throw new RangeError("Out of some range");
    }],
  );
  assertEquals(outcome(() => callExport(interpreter, "g")), "trap: unreachable");
});

Deno.test("a host that is called in place of a frame ends the guest where that frame's caller is", () => {
  const { interpreter } = onBoth(
    compileText(`(module (import "h" "h" (func $host)) (func $tail (return_call $host))
      (func (export "f") (call $tail)) (func (export "g") (return_call $tail)))`),
    [() => {
      throw new Error("No");
    }],
  );
  for (const [name, count] of [["f", 1], ["g", 0]] as const) {
    let frames: readonly unknown[] | undefined;
    try {
      callExport(interpreter, name);
    } catch (error) {
      frames = interpreterFrames(error);
    }
    assertEquals(frames?.length, count, name);
  }
});

Deno.test("thrownBy() tells the tag and the payload of the exception that ended a call", () => {
  const value = {};
  const { interpreter } = onBoth(
    compileText(`(module (tag $t (export "t") (param i32 i64 v128 externref))
      (func (export "f") (param externref)
        (throw $t (i32.const -1) (i64.const 7) (v128.const i64x2 1 2) (local.get 0))))`),
  );
  try {
    callExport(interpreter, "f", value);
  } catch (error) {
    assertEquals(thrownBy(error)?.payload, [-1, 7n, undefined, value]);
    assert(thrownBy(error)?.tag === interpreter["t"]);
    assertEquals(thrownBy(new Error()), undefined);
    return;
  }
  throw new Error("Nothing was thrown");
});

Deno.test("tables take and give indices in JavaScript as those of V8 do", () => {
  const { v8, interpreter } = onBoth(compileText(`(module (table (export "t32") 3 6 externref)
    (table (export "t64") i64 3 6 externref))`));
  interface Table {
    readonly length: unknown;
    get(index: unknown): unknown;
    set(index: unknown, value: unknown): void;
    grow(count: unknown, value: unknown): unknown;
  }
  // `as`: the module says what its exports are.
  const tables = (exports: Exports) => ["t32", "t64"].map((name) => exports[name] as Table);
  const what = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error instanceof Error ? error.name : error;
    }
  };
  const values = [
    0,
    2,
    3,
    2.9,
    -1,
    NaN,
    2 ** 32,
    0n,
    2n,
    3n,
    -1n,
    2n ** 64n,
    2n ** 200n,
    "1",
    "x",
    undefined,
  ];
  const seen = (table: Table) => [
    ...values.map((value) => what(() => table.set(value, `at ${value}`))),
    ...values.map((value) => what(() => table.get(value))),
    ...values.map((value) => what(() => table.grow(value, "new"))),
    table.length,
  ];
  const [t32, t64] = tables(v8), [own32, own64] = tables(interpreter);
  assert(t32 !== undefined && t64 !== undefined && own32 !== undefined && own64 !== undefined);
  assertEquals(seen(own32), seen(t32));
  assertEquals(seen(own64), seen(t64));
});
