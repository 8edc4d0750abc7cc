import { MOST_OWED } from "../../src/analysis/plan.ts";
import { AegisError, OutOfFuelError, type Sandbox, TimeoutError } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { COUNT, running, SPIN, start, type Started } from "./started.ts";

const lastFuel = (sandbox: Sandbox): bigint => sandbox.metrics().lastCall?.fuelConsumed ?? -1n;

Deno.test("a call succeeds with exactly the fuel that it consumes, and not with a unit less", async () => {
  for (const turns of [0, 1, 10, 1000, 60_000]) {
    await using probe = await running(COUNT);
    await probe.sandbox.call("count", [turns]);
    const needed = probe.sandbox.metrics().fuelConsumed;
    await using enough = await running(COUNT, { fuelLimit: needed });
    assertEquals(await enough.sandbox.call("count", [turns]), turns);
    assertEquals([enough.sandbox.metrics().fuelConsumed, enough.sandbox.remainingFuel()], [needed, 0n]);
    await using less = await running(COUNT, { fuelLimit: needed - 1n });
    const error = await assertRejects(() => less.sandbox.call("count", [turns]), OutOfFuelError);
    assertEquals([error.code, error.limit, error.field], ["OutOfFuel", needed - 1n, "fuelLimit"]);
    assert(error.consumed >= needed, `${error.consumed} of ${needed}`);
    assertEquals(less.sandbox.remainingFuel(), 0n);
  }
});

/** Most units by which an empty loop overruns its budget: what it may owe, and an iteration. */
const OVERRUN = BigInt(MOST_OWED) + 10n;

Deno.test("a guest out of fuel stops at the same unit each time, and soon after its limit", async () => {
  for (let turn = 0; turn < 5; turn++) {
    const consumed = new Set<bigint>();
    for (let again = 0; again < 3; again++) {
      await using started = await running(SPIN + COUNT, { fuelLimit: 1_000_003 });
      for (let calls = 0; calls < turn; calls++) await started.sandbox.call("count", [calls * 100]);
      const used = started.sandbox.metrics().fuelConsumed;
      const error = await assertRejects(() => started.sandbox.call("spin"), OutOfFuelError);
      assertEquals(error.limit, 1_000_003n);
      consumed.add(error.consumed);
      assert(used < 1_000_000n);
    }
    assertEquals(consumed.size, 1);
    for (const units of consumed) assert(units > 1_000_003n && units <= 1_000_003n + OVERRUN, `${units}`);
  }
});

Deno.test("the fuel of a call bounds that call alone, within the budget of the sandbox", async () => {
  await using started = await running(COUNT, { fuelLimit: 10_000 });
  const { sandbox } = started;
  await sandbox.call("count", [100]);
  const needed = lastFuel(sandbox);
  assertEquals(await sandbox.call("count", [100], { fuel: needed }), 100);
  assertEquals(await sandbox.call("count", [100], { fuel: "1T" }), 100, "more than the budget has");
  const error = await assertRejects(
    () => sandbox.call("count", [100], { fuel: needed - 1n }),
    OutOfFuelError,
  );
  assertEquals([error.consumed, error.limit], [needed, needed - 1n], "the figures are those of the call");
  await sandbox.reset();
  await assertRejects(() => sandbox.call("count", [0], { fuel: 0 }), OutOfFuelError);
  await sandbox.reset();
  for (const fuel of [2n ** 63n, 2n ** 64n, 2n ** 70n]) {
    assertEquals(await sandbox.call("count", [1], { fuel }), 1, `fuel ${fuel}`);
  }
  await assertRejects(() => sandbox.call("count", [1_000_000], { fuel: "1M" }), OutOfFuelError);
});

Deno.test("a call lives on no slice that was granted to an earlier call", async () => {
  await using started = await running(SPIN + COUNT);
  const { sandbox } = started;
  await sandbox.call("count", [10]);
  const error = await assertRejects(() => sandbox.call("spin", [], { fuel: 1000 }), OutOfFuelError);
  assertEquals(error.limit, 1000n);
  assert(error.consumed > 1000n && error.consumed <= 1000n + OVERRUN, `${error.consumed}`);
});

Deno.test("a call that overruns its budget after the last test is out of fuel all the same", async () => {
  const fields = `(func (export "f") (param i32)
    (if (local.get 0) (then ${"(drop (i32.const 1))".repeat(100)})))`;
  await using probe = await running(fields);
  await probe.sandbox.call("f", [1]);
  const needed = lastFuel(probe.sandbox);
  assertEquals(needed, 103n);
  for (const fuel of [needed - 1n, 50n, 3n]) {
    const error = await assertRejects(() => probe.sandbox.call("f", [1], { fuel }), OutOfFuelError);
    assert(error.consumed >= needed);
    await probe.sandbox.reset();
  }
  await probe.sandbox.call("f", [0], { fuel: 3 });
});

Deno.test("fuel is one budget for all calls of a sandbox", async () => {
  await using started = await running(COUNT, { fuelLimit: 2000 });
  const { sandbox } = started;
  let remaining = sandbox.remainingFuel(), calls = 0;
  assertEquals(remaining, 2000n - sandbox.metrics().fuelConsumed);
  for (; remaining >= 1n; calls++) {
    const outcome = await sandbox.tryCall("count", [20]);
    if (outcome.kind !== "value") break;
    const left = sandbox.remainingFuel();
    assertEquals(remaining - left, lastFuel(sandbox));
    remaining = left;
  }
  assert(calls > 5 && calls < 50, `${calls} calls`);
});

Deno.test("addFuel() adds to the budget before a call", async () => {
  await using started = await running(COUNT, { fuelLimit: 100 });
  const { sandbox } = started;
  const before = sandbox.remainingFuel();
  assert(before < 100n);
  sandbox.addFuel("10K");
  assertEquals(sandbox.remainingFuel(), before + 10_000n);
  assertEquals(await sandbox.call("count", [1000]), 1000);
  for (const units of [-1, 1.5, "lots"]) {
    const failed = await Promise.resolve().then(() => sandbox.addFuel(units)).then(
      () => undefined,
      (error) => error,
    );
    assertEquals(failed instanceof AegisError && failed.code, "InvalidOption");
  }
  for (const units of [2n ** 62n, 2n ** 63n, 2n ** 80n]) {
    sandbox.addFuel(units);
    assertEquals(await sandbox.call("count", [1]), 1, `${units} more`);
    assert(sandbox.remainingFuel() > 2n ** 60n);
  }
});

Deno.test("addFuel() during a call lets it go on", async () => {
  const added: bigint[] = [];
  await using started: Started = await running(
    `(import "env" "more" (func $more))
     (func (export "f") (param i32) (result i32) (local i32)
       (loop $l (if (i32.eqz (i32.rem_u (local.get 1) (i32.const 100))) (then (call $more)))
         (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
       local.get 1)`,
    {
      fuelLimit: 3000,
      offers: {
        "env.more()->": () => {
          added.push(started.sandbox.remainingFuel());
          started.sandbox.addFuel(2000);
        },
      },
    },
  );
  assertEquals(await started.sandbox.call("f", [10_000]), 10_000);
  assertEquals(added.length, 100);
});

Deno.test("the timeout of a call bounds its wall time, within that of the sandbox", async () => {
  await using started = await running(SPIN + COUNT, { timeout: "400ms", fuelLimit: "unlimited" });
  const { sandbox } = started;
  for (const [timeout, limit] of [["50ms", 50], [undefined, 400], ["1h", 400]] as const) {
    const before = performance.now();
    const error = await assertRejects(
      () => sandbox.call("spin", [], timeout === undefined ? {} : { timeout }),
      TimeoutError,
    );
    const elapsed = performance.now() - before;
    assertEquals([error.code, error.limit], ["Timeout", limit]);
    assert(elapsed >= limit - 1 && elapsed < limit + 300, `${elapsed} ms of ${limit}`);
    assert(error.elapsed >= limit - 1 && error.elapsed <= elapsed, `${error.elapsed} ms`);
    await sandbox.reset();
    assertEquals(await sandbox.call("count", [5]), 5);
  }
});

Deno.test("the longest timeout that can be set stops nothing that ends", async () => {
  await using started = await running(COUNT, { timeout: 2 ** 31 - 1000, fuelLimit: "unlimited" });
  assertEquals(await started.sandbox.call("count", [30_000_000]), 30_000_000);
});

Deno.test("time that a host function takes counts, and its caller is stopped without waiting for it", async () => {
  let finished = false;
  const pending: Promise<void>[] = [];
  await using started = await running(
    '(import "env" "wait" (func $wait)) (func (export "f") (call $wait))',
    {
      timeout: "60ms",
      offers: {
        "env.wait()->": () => {
          const waited = new Promise<void>((resolve) => setTimeout(resolve, 300)).then(() => {
            finished = true;
          });
          pending.push(waited);
          return waited;
        },
      },
    },
  );
  const before = performance.now();
  await assertRejects(() => started.sandbox.call("f"), TimeoutError);
  assert(performance.now() - before < 250 && !finished);
  await Promise.all(pending);
});

Deno.test("out of fuel and timeout end the instance until reset; a trap does not", async () => {
  const fields = `${SPIN} ${COUNT} (func (export "trap") unreachable)`;
  await using started = await running(fields, { fuelLimit: 100_000, timeout: "2s" });
  const { sandbox } = started;
  await assertRejects(() => sandbox.call("trap"), AegisError, "unreachable");
  assertEquals(await sandbox.call("count", [3]), 3);
  await assertRejects(() => sandbox.call("spin"), OutOfFuelError);
  sandbox.addFuel("1M");
  for (let turn = 0; turn < 2; turn++) {
    const error = await assertRejects(() => sandbox.call("count", [3]), AegisError);
    assertEquals(error.code, "InstanceEnded");
    assert(error.suggestion?.includes("reset"));
  }
  const refused = await assertRejects(() => sandbox.readMemory(0, 1), AegisError);
  assertEquals(refused.code, "InstanceEnded");
  await sandbox.reset();
  assertEquals(await sandbox.call("count", [3]), 3);
});

Deno.test("fuel for instantiation and the start function comes out of the same budget", async () => {
  const fields = `(memory 1) (data (i32.const 0) "0123456789") (global i32 (i32.const 1)) (start $s)
    (func $s nop (drop (i32.const 1))) (func (export "f"))`;
  await using started = await running(fields);
  // 10 bytes, a global, 2 functions, an export; then entry of the start function and a constant.
  assertEquals(started.sandbox.metrics().fuelConsumed, 16n);
  await using exact = await running(fields, { fuelLimit: 16 });
  assertEquals(exact.sandbox.remainingFuel(), 0n);
  for (const fuelLimit of [1, 13, 14, 15]) {
    await using less = await start({ fuelLimit });
    const error = await assertRejects(() => less.load(fields), OutOfFuelError);
    assertEquals(error.limit, BigInt(fuelLimit));
  }
});
