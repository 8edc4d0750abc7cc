import { running } from "./started.ts";
import { AegisError, type CallValue, TypeMismatchError, type Value } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";

const GUEST = `
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "wide") (param i64 f32 f64 i32) (result i32 f64 f32 i64)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func (export "nothing") (param i32))
  (func (export "none") (result i64) (i64.const -1))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "spin") (param i32) (result i32)
    (loop $l (br_if $l (i32.ge_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0)))) (i32.const 7))
  (global $n (mut i32) (i32.const 0))
  (func (export "count") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))`;

for (const sync of [false, true]) {
  const name = sync ? "callManySync()" : "callMany()";

  Deno.test(`${name} returns a result for every row, of every type`, async () => {
    await using started = await running(GUEST);
    const { sandbox } = started;
    const many = async (f: string, rows: readonly (readonly Value[])[]) =>
      sync ? sandbox.callManySync(f, rows) : await sandbox.callMany(f, rows);
    const sums = await many("add", [[1, 2], [-1, 1], [2 ** 31 - 1, 1], [2 ** 32 - 1, 0]]);
    assertEquals([...sums], [[3], [0], [-(2 ** 31)], [-1]]);
    assertEquals([sums.length, sums.end, sums.value(1)], [4, undefined, 0]);
    const wide = await many("wide", [[-1n, 0.1, 0.1, 5], [2n ** 64n - 1n, NaN, -0, -5]]);
    assertEquals([...wide], [[5, 0.1, Math.fround(0.1), -1n], [-5, -0, NaN, -1n]]);
    assertEquals([...await many("nothing", [[1], [2]])], [[], []]);
    assertEquals((await many("none", [[], []])).value(1), -1n);
    assertEquals((await many("add", [])).length, 0);
    assertEquals([...await many("count", [[], [], []])], [[1], [2], [3]]);
  });

  Deno.test(`${name} counts the fuel of each row as single calls do, across frames`, async () => {
    await using started = await running(GUEST, { frameSize: "64KiB", fuelLimit: "unlimited" });
    const { sandbox } = started, rows = Array.from({ length: 9000 }, (_, row) => [row % 50]);
    await sandbox.call("spin", [49]);
    const one = sandbox.metrics().lastCall?.fuelConsumed;
    const before = sandbox.metrics().fuelConsumed;
    const batch = sync ? sandbox.callManySync("spin", rows) : await sandbox.callMany("spin", rows);
    assertEquals([batch.length, batch.value(8999), batch.end], [9000, 7, undefined]);
    assertEquals(batch.fuel(49), one);
    assertEquals([batch.fuel(0), batch.fuel(8949)], [batch.fuel(50), one]);
    let sum = 0n;
    for (let row = 0; row < batch.length; row++) sum += batch.fuel(row);
    assertEquals(sandbox.metrics().fuelConsumed - before, sum);
    assertEquals(sandbox.metrics().calls, 2);
  });

  Deno.test(`${name} ends with the row that has no value, and says how`, async () => {
    await using started = await running(GUEST, { fuelLimit: 100_000 });
    const { sandbox } = started;
    const many = async (f: string, rows: readonly (readonly Value[])[], options = {}) =>
      sync ? sandbox.callManySync(f, rows, options) : await sandbox.callMany(f, rows, options);
    const trapped = await many("div", [[6, 3], [1, 0], [4, 2]]);
    assertEquals([...trapped], [[2]]);
    assert(trapped.end?.kind === "trap" && trapped.end.trap === "divideByZero");
    assert(trapped.end.frames.length > 0);
    assertEquals([...await many("div", [[4, 2]])], [[2]], "a trap ends no instance");
    const bounded = await many("spin", [[10], [10], [100_000], [10]], { fuel: 5000 });
    assertEquals(bounded.length, 2);
    assert(bounded.end?.kind === "limit" && bounded.end.limit === "fuel" && bounded.end.allowed === 5000n);
    await sandbox.reset();
    const rest = await many("spin", Array.from({ length: 50 }, () => [2000]));
    assert(rest.length > 5 && rest.length < 50, `${rest.length}`);
    assert(rest.end?.kind === "limit" && rest.end.limit === "fuel" && rest.end.allowed === 100_000n);
    assertThrows(() => rest.values(rest.length), RangeError, "rows were done");
    for (const row of [-1, 0.5, NaN]) assertThrows(() => rest.fuel(row), RangeError);
  });
}

Deno.test("callMany() checks every row before the first is begun", async () => {
  await using started = await running(`${GUEST} (func (export "ref") (param externref))`);
  const { sandbox } = started;
  const wrong: [string, unknown[][], string][] = [
    ["add", [[1, 2], [1]], "2 arguments, got 1"],
    ["add", [[1, 2], [1, 2.5]], "argument 2: expected a whole number"],
    ["wide", [[1, 0, 0, 0]], "argument 1: expected a bigint"],
    ["add", [[1, "2"]], "argument 2"],
    ["ref", [[null]], "externref"],
  ];
  for (const [name, rows, message] of wrong) {
    const error = await assertRejects(() => sandbox.callMany(name, rows as Value[][]), TypeMismatchError);
    assert(error.message.includes(message), error.message);
  }
  assertEquals(await sandbox.call("count"), 1);
});

Deno.test("a batch is stopped by its signal and its time, like a call", async () => {
  await using started = await running(GUEST, { fuelLimit: "unlimited" });
  const { sandbox } = started, rows = Array.from({ length: 1000 }, () => [2_000_000_000]);
  const controller = new AbortController();
  const running_ = sandbox.callMany("spin", rows, { signal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  assertEquals((await running_).end, { kind: "aborted", reason: "cancelled" });
  await sandbox.reset();
  const late = await sandbox.callMany("spin", rows, { timeout: 50 });
  assert(late.end?.kind === "limit" && late.end.limit === "time", late.end?.kind);
  await sandbox.reset();
  const never = await sandbox.callMany("spin", rows, { signal: AbortSignal.abort() });
  assertEquals([never.length, never.end], [0, { kind: "aborted", reason: "cancelled" }]);
});

Deno.test("what a function of a batch asks for meanwhile changes neither rows nor results", async () => {
  const asked: number[] = [];
  await using started = await running(
    `(import "env" "h" (func $h (param i32) (result i32)))
     (func (export "f") (param i32 i64) (result i64)
       (i64.add (local.get 1) (i64.extend_i32_s (call $h (local.get 0)))))`,
    { offers: { "env.h(i32)->i32": (value: number) => asked.push(value) > 0 ? value * 2 : 0 } },
  );
  const rows = Array.from({ length: 100 }, (_, row) => [row, BigInt(row) << 40n]);
  const expected = rows.map(([row = 0, big = 0n]): CallValue[] => [BigInt(big) + 2n * BigInt(row)]);
  assertEquals<unknown>([...await started.sandbox.callMany("f", rows)], expected);
  assertEquals<unknown>([...started.sandbox.callManySync("f", rows)], expected);
  assertEquals(asked.length, 200);
});

Deno.test("a function whose row fits into no frame is refused, and the sandbox goes on", async () => {
  const params = Array.from({ length: 900 }, () => "i64");
  await using started = await running(
    `(func (export "wide") (param ${
      params.join(" ")
    })) (func (export "add") (param i32) (result i32) (local.get 0))`,
    { frameSize: "4KiB" },
  );
  const { sandbox } = started, row = params.map(() => 1n);
  for (
    const call of [
      () => sandbox.call("wide", row),
      () => sandbox.callMany("wide", [row, row]),
      () => Promise.try(() => sandbox.callSync("wide", row)),
      () => Promise.try(() => sandbox.callManySync("wide", [row])),
    ]
  ) {
    const error = await assertRejects(call, AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "frameSize"]);
    assertEquals(await sandbox.call("add", [7]), 7);
  }
});

Deno.test("a growth that was refused in one row does not explain the trap of another", async () => {
  await using started = await running(
    `(memory 1) (func (export "f") (param i32) (if (local.get 0) (then unreachable)) (drop (memory.grow (i32.const 100))))`,
    { memoryLimit: "1MiB" },
  );
  assertEquals((await started.sandbox.callMany("f", [[0], [1]])).end?.kind, "trap");
});

Deno.test("the last call's usage is that of all batches that a callMany was cut into", async () => {
  await using started = await running(
    `(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))`,
    { frameSize: "4KiB" },
  );
  const { sandbox } = started, rows = Array.from({ length: 2000 }, (_, row) => [row, 1]);
  await sandbox.call("add", [1, 2]);
  const one = sandbox.metrics().lastCall?.fuelConsumed ?? 0n;
  for (const many of [() => sandbox.callMany("add", rows), () => sandbox.callManySync("add", rows)]) {
    const before = sandbox.metrics();
    await many();
    const { lastCall, calls, duration } = sandbox.metrics();
    assert(lastCall !== undefined);
    assertEquals([lastCall.fuelConsumed, calls - before.calls], [one * 2000n, 1]);
    assert(Math.abs(lastCall.duration - (duration - before.duration)) < 1e-6, "all of its time");
  }
});
