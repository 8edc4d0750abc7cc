import { AegisError, FunctionNotFoundError, TypeMismatchError, type Value } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { running } from "./started.ts";

const IDENTITIES = ["i32", "i64", "f32", "f64"].map((kind) =>
  `(func (export "${kind}") (param ${kind}) (result ${kind}) local.get 0)`
).join(" ");

/** Arguments and what comes back for them, by type. */
const EDGES: Readonly<Record<string, readonly (readonly [Value, Value])[]>> = {
  i32: [
    [0, 0],
    [-1, -1],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [-(2 ** 31), -(2 ** 31)],
    [2 ** 31, -(2 ** 31)],
    [2 ** 32 - 1, -1],
  ],
  i64: [
    [0n, 0n],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
    [-(2n ** 63n), -(2n ** 63n)],
    [2n ** 63n, -(2n ** 63n)],
    [2n ** 64n - 1n, -1n],
    [9007199254740993n, 9007199254740993n],
  ],
  f32: [
    [0.1, Math.fround(0.1)],
    [-0, -0],
    [NaN, NaN],
    [Infinity, Infinity],
    [1e300, Infinity],
    [1e-50, 0],
    [2 ** -149, 2 ** -149],
  ],
  f64: [
    [0.1, 0.1],
    [-0, -0],
    [NaN, NaN],
    [-Infinity, -Infinity],
    [Number.MAX_VALUE, Number.MAX_VALUE],
    [Number.MIN_VALUE, Number.MIN_VALUE],
  ],
};

Deno.test("call() passes numbers and bigints there and back, edges included", async () => {
  await using started = await running(IDENTITIES);
  const { sandbox } = started;
  for (const [kind, edges] of Object.entries(EDGES)) {
    for (const [value, expected] of edges) {
      const result = await sandbox.call(kind, [value]);
      assert(Object.is(result, expected), `${kind}: ${value} gives ${result}, expected ${expected}`);
    }
  }
});

/** Arguments that do not fit, and what the message says of them. */
const MISFITS:
  readonly (readonly [kind: string, args: readonly unknown[], expected: string, actual: string])[] = [
    ["i32", [], "1 argument", "0"],
    ["i32", [1, 2], "1 argument", "2"],
    ["i32", [1n], "a whole number from -2^31 to 2^32-1", "1n"],
    ["i32", [1.5], "a whole number", "1.5"],
    ["i32", [NaN], "a whole number", "NaN"],
    ["i32", [2 ** 32], "a whole number", "4294967296"],
    ["i32", [-(2 ** 31) - 1], "a whole number", "-2147483649"],
    ["i32", ["1"], "a whole number", '"1"'],
    ["i32", [undefined], "a whole number", "undefined"],
    ["i32", [null], "a whole number", "null"],
    ["i64", [1], "a bigint for i64", "1"],
    ["i64", [2n ** 64n], "a bigint from -2^63 to 2^64-1", "18446744073709551616n"],
    ["i64", [-(2n ** 63n) - 1n], "a bigint from", "-9223372036854775809n"],
    ["f32", [1n], "a number for f32", "1n"],
    ["f64", ["x"], "a number for f64", '"x"'],
    ["f64", [{ valueOf: () => 1 }], "a number for f64", "object"],
  ];

Deno.test("call() refuses arguments that do not fit, and says what would", async () => {
  await using started = await running(IDENTITIES);
  for (const [kind, args, expected, actual] of MISFITS) {
    const call = () => started.sandbox.call(kind, args as Value[]); // as a caller without types may
    const error = await assertRejects(call, TypeMismatchError);
    assertEquals(error.code, "TypeMismatch");
    assertStringIncludes(error.expected, expected);
    assertStringIncludes(error.actual, actual);
  }
  assertEquals(started.sandbox.metrics().calls, 0, "none of them reached the guest");
});

Deno.test("call() gives several results as an array, none as undefined", async () => {
  const started = await running(`
    (func (export "four") (result i32 i64 f32 f64) i32.const -1 i64.const -2 f32.const 0.5 f64.const -0)
    (func (export "none")) (func (export "thousand") (result ${"i64 ".repeat(1000)}) ${
    Array.from({ length: 1000 }, (_, index) => `i64.const ${index}`).join(" ")
  })`);
  await using _ = started;
  const { sandbox } = started;
  assertEquals(await sandbox.call("four"), [-1, -2n, 0.5, -0]);
  assertEquals(await sandbox.call("none"), undefined);
  assertEquals(await sandbox.callVoid("four"), undefined);
  assertEquals(await sandbox.tryCall("four"), { kind: "value", values: [-1, -2n, 0.5, -0] });
  assertEquals(await sandbox.tryCall("none"), { kind: "value", values: [] });
  const thousand = await sandbox.call<bigint[]>("thousand");
  assertEquals([thousand.length, thousand[999]], [1000, 999n]);
});

Deno.test("call() passes a thousand parameters", async () => {
  const sum = Array.from({ length: 1000 }, (_, index) => `local.get ${index} i64.add`).join(" ");
  await using started = await running(
    `(func (export "sum") (param ${"i64 ".repeat(1000)}) (result i64) i64.const 0 ${sum})`,
  );
  const args = Array.from({ length: 1000 }, (_, index) => BigInt(index));
  assertEquals(await started.sandbox.call("sum", args), 499_500n);
});

Deno.test("call() refuses functions whose types do not cross", async () => {
  await using started = await running(`(func (export "v") (param v128)) (func (export "r") (result externref)
    ref.null extern) (func (export "f") (param funcref))`);
  for (const [name, kind] of [["v", "v128"], ["r", "externref"], ["f", "funcref"]] as const) {
    const error = await assertRejects(() => started.sandbox.call(name, []), TypeMismatchError);
    assertStringIncludes(error.actual, kind);
  }
});

Deno.test("call() says which functions there are when the name is wrong", async () => {
  await using started = await running(
    '(func (export "compute")) (func (export "reset")) (memory (export "memory") 1)',
  );
  const error = await assertRejects(() => started.sandbox.call("compote"), FunctionNotFoundError);
  assertEquals([error.code, error.functionName, [...error.suggestions]], [
    "FunctionNotFound",
    "compote",
    ["compute"],
  ]);
  assertStringIncludes(error.message, '"compute"');
  for (const name of ["memory", "__proto__", "toString", "", "aegis:start", "aegis:fuel"]) {
    const missing = await assertRejects(() => started.sandbox.call(name), FunctionNotFoundError);
    assertEquals(missing.functionName, name);
  }
});

Deno.test("call() reaches exports of odd names", async () => {
  const names = ["__proto__", "constructor", "toString", "then", "", "ü✓", "a b"];
  await using started = await running(
    names.map((name, index) => `(func (export ${JSON.stringify(name)}) (result i32) i32.const ${index})`)
      .join(" "),
  );
  for (const [index, name] of names.entries()) assertEquals(await started.sandbox.call(name), index, name);
});

Deno.test("getFuncType() gives the type of an export, and nothing for others", async () => {
  await using started = await running(
    '(func (export "f") (param i32 v128) (result funcref) ref.null func) (memory 1)',
  );
  const { sandbox } = started;
  assertEquals(sandbox.getFuncType("f"), { params: ["i32", "v128"], results: ["funcref"] });
  assertEquals(["g", "memory", "constructor"].map((name) => sandbox.getFuncType(name)), [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("tryCall() gives traps as outcomes, with frames that lead to the original code", async () => {
  const started = await running(`
    (func $divide (param i32 i32) (result i32) nop local.get 0 local.get 1 i32.div_s)
    (func (export "f") (param i32) (result i32) (loop (br_if 1 (local.get 0)))
      (call $divide (i32.const 1) (local.get 0)))`.replace("(loop (br_if 1 (local.get 0)))", "nop"));
  await using _ = started;
  const outcome = await started.sandbox.tryCall("f", [0]);
  assert(outcome.kind === "trap");
  assertEquals([outcome.trap, outcome.message], ["divideByZero", "integer divide by zero"]);
  assertEquals(outcome.frames.map(({ functionIndex, functionName }) => [functionIndex, functionName]), [
    [0, undefined],
    [1, "f"],
  ]);
  assert(outcome.frames.every(({ offset }) => offset !== undefined && offset > 8));
  assertEquals(await started.sandbox.call("f", [1]), 1, "a trap does not end the instance");
});

Deno.test("misuse rejects, and never throws at the call itself", async () => {
  await using started = await running('(func (export "f"))');
  const { sandbox } = started;
  const misuses = [
    () => sandbox.tryCall("f", [], { timeout: "soon" }),
    () => sandbox.tryCall("f", [], { fuel: -1 }),
    () => sandbox.call("f", [], { fuel: "much" }),
    () => sandbox.tryCall("g"),
  ];
  for (const misuse of misuses) {
    let promise: Promise<unknown> | undefined;
    try {
      promise = misuse();
    } catch (error) {
      assert(false, `${misuse} throws ${(error as AegisError).message}`);
    }
    await promise?.then(() => assert(false, String(misuse)), () => {});
  }
});

Deno.test("call() says what is wrong with arguments and a signal that JavaScript lets pass", async () => {
  await using started = await running(IDENTITIES);
  const { sandbox } = started;
  // `as`: what the types forbid.
  const mistyped = sandbox.call("i32", null as unknown as Value[]);
  assertEquals(
    (await assertRejects(() => mistyped, TypeMismatchError)).message,
    'Cannot call function "i32": expected an array of arguments, got null',
  );
  const signalled = () => sandbox.call("i32", [1], { signal: 5 as unknown as AbortSignal });
  assertEquals((await assertRejects(signalled, AegisError)).code, "InvalidOption");
});
