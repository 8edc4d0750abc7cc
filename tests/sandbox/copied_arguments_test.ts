/** Calls that wait get what they were given, whatever becomes of it meanwhile: sandboxes, pools and streams of both. */
import { type AegisError, type CallValue, TypeMismatchError } from "../../mod.ts";
import { copyArguments } from "../../src/sandbox/arguments.ts";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "../assert.ts";
import { CONTENT_GUEST } from "./content_guest.ts";
import { rig } from "./pool_rig.ts";
import { running, SPIN } from "./started.ts";

const SUM = { params: ["bytes"], results: ["i32"] } as const;

/** `sum` adds up bytes. */
const GUEST = `${CONTENT_GUEST} ${SPIN}
  (func (export "sum") (param $at i32) (param $length i32) (result i32) (local $sum i32)
    (block $done (loop $more
      (br_if $done (i32.eqz (local.get $length)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.add (local.get $at) (local.get $length)))))
      (br $more)))
    (local.get $sum))`;

/** Inputs of one buffer and one object that are used for all of them. */
async function* reused(): AsyncGenerator<CallValue[]> {
  const bytes = new Uint8Array(4);
  for (let n = 1; n <= 6; n++) {
    await null;
    bytes.fill(n);
    yield [bytes];
  }
}

Deno.test("Sandbox.call() that waits gets bytes and objects as they were", async () => {
  await using started = await running(GUEST, { timeout: "20s" });
  const { sandbox } = started, bytes = new Uint8Array(4).fill(1), object = { list: ["before"] };
  const first = sandbox.tryCall("spin", [], { timeout: 30 }), reset = sandbox.reset();
  const sum = sandbox.call("sum", [bytes], { type: SUM }), copy = sandbox.call("copy", [object]);
  bytes.fill(0);
  object.list[0] = "after";
  await Promise.all([first, reset]);
  assertEquals([await sum, await copy], [4, { list: ["before"] }]);
});

Deno.test("Sandbox.call() refuses what it refused before it made copies, in the same words", async () => {
  await using started = await running(GUEST, { timeout: "20s" });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const wrong of [circle, { a: 5n }]) {
    const error = await assertRejects(() => started.sandbox.call("copy", [wrong]), TypeMismatchError);
    assertEquals([error.expected, error.actual], ["a value that JSON can say", "an object"]);
  }
  const broken = {
    get a(): number {
      throw new Error("no");
    },
  };
  const error = await assertRejects(() => started.sandbox.call("copy", [1, broken]), TypeMismatchError);
  assertEquals(
    error.message,
    'Cannot call function "copy": argument 2: expected a value that can be copied, got an object',
  );
});

Deno.test("Sandbox.callStream() calls with each input as it was taken, though its source uses one buffer", async () => {
  await using started = await running(GUEST, { timeout: "20s" });
  for (const concurrency of [1, 4]) {
    const sums: unknown[] = [];
    const stream = started.sandbox.callStream("sum", reused(), { concurrency, type: SUM });
    for await (const { outcome } of stream) sums.push(outcome.kind === "value" ? outcome.values[0] : outcome);
    assertEquals(sums, [4, 8, 12, 16, 20, 24], `${concurrency} at once`);
  }
});

Deno.test("Pool.call() and Pool.callStream() that wait get bytes as they were", async () => {
  const { pool, guests } = rig({ maximum: 1 });
  const lease = await pool.acquire(), bytes = new Uint8Array([1, 2]), call = pool.call("f", [bytes]);
  bytes.fill(0);
  lease.release();
  await call;
  assertEquals(guests[0]?.args, [new Uint8Array([1, 2])]);

  const seen: unknown[] = [];
  for await (const _ of pool.callStream("f", reused(), { concurrency: 4 })) seen.push(guests[0]?.args[0]);
  assertEquals(seen.length, 6);
  assertEquals(guests[0]?.args, [new Uint8Array(4).fill(6)]);
});

Deno.test("copyArguments() copies what can change, and its own copies no more", () => {
  const numbers = [1, 2n, "text", true, null] as const, bytes = new Uint8Array([1]);
  const same = copyArguments("f", numbers);
  assertEquals([same, same === numbers as unknown], [[...numbers], false]);
  const given = [1, bytes, { a: bytes }], copies = copyArguments("f", given);
  assertEquals(copies, given);
  assertEquals([copies[1] === bytes, copies[2] === given[2]], [false, false]);
  assertStrictEquals(copyArguments("f", copies), copies);
  const error: AegisError = assertThrows(() => copyArguments("f", "abc" as unknown as []), TypeMismatchError);
  assertEquals(
    error.message,
    'Cannot call function "f": expected an array of arguments, got "abc"',
  );
});
