/** Computations that are saved, and go on in another sandbox or runtime. */
import { Aegis, AegisError, type AegisModule, hostFunction, type Sandbox } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** Sums a sequence of pseudo-random numbers, for as many steps as it is told. */
const SUM = compileText(`(module
  (memory (export "memory") 1)
  (func $step (param $x i64) (result i64)
    (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
  (func (export "sum") (param $n i32) (result i64) (local $x i64) (local $sum i64)
    (loop $again
      (local.set $x (call $step (local.get $x)))
      (i64.store (i32.and (local.get $n) (i32.const 0xfff8)) (local.get $x))
      (local.set $sum (i64.add (local.get $sum)
        (i64.xor (local.get $x) (i64.load (i32.and (i32.wrap_i64 (local.get $x)) (i32.const 0xfff8))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`);

/** Steps of some tenths of a second. */
const STEPS = 3_000_000;

interface Ended {
  readonly value: unknown;
  readonly fuel: bigint;
}

function newRuntime(): Promise<Aegis> {
  return Aegis.create({ engine: "interpreter", timeout: "60s", fuelLimit: "unlimited" });
}

async function loaded(runtime: Aegis, bytes: Uint8Array): Promise<{ sandbox: Sandbox; module: AegisModule }> {
  const sandbox = await runtime.sandbox().build(), module = await runtime.loadBytes(bytes);
  await sandbox.loadModule(module);
  return { sandbox, module };
}

async function uninterrupted(bytes: Uint8Array, name: string, args: readonly number[]): Promise<Ended> {
  await using runtime = await newRuntime();
  const { sandbox } = await loaded(runtime, bytes);
  return { value: await sandbox.call(name, args), fuel: sandbox.metrics().fuelConsumed };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("Sandbox.snapshot() in mid-call goes on in another runtime to the same result and fuel", async () => {
  const expected = await uninterrupted(SUM, "sum", [STEPS]);
  const snapshots: Uint8Array[] = [];
  {
    await using runtime = await newRuntime();
    const { sandbox } = await loaded(runtime, SUM);
    const call = sandbox.call("sum", [STEPS]);
    for (let taken = 0; taken < 3; taken++) {
      await pause(15);
      snapshots.push(await sandbox.snapshot());
    }
    assertEquals(await call, expected.value, "the call itself goes on");
    assertEquals(sandbox.metrics().fuelConsumed, expected.fuel);
  }
  for (const snapshot of snapshots) {
    await using runtime = await newRuntime();
    await using sandbox = await runtime.restore(snapshot);
    assertEquals(sandbox.interruptedCall, { name: "sum" });
    const before = sandbox.metrics().fuelConsumed;
    assert(before > 0n && before < expected.fuel, `${before} units`);
    assertEquals(await sandbox.continueCall(), expected.value);
    assertEquals(sandbox.metrics().fuelConsumed, expected.fuel);
    assertEquals(sandbox.interruptedCall, undefined);
    assertEquals(await sandbox.call("sum", [3]), await uninterrupted(SUM, "sum", [3]).then(({ value }) => value));
  }
});
