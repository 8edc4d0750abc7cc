/** Streams of calls over guests: nothing is lost or mixed up, and no guest stays lent. */
import {
  Aegis,
  AegisError,
  type CallStream,
  type CallValue,
  type Pool,
  type PoolOptions,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COUNT, running, SPIN } from "./started.ts";

const GUEST = `(global $calls (mut i32) (i32.const 0))
  (func (export "square") (param i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.eq (local.get 0) (i32.const 13)) (then unreachable))
    (i32.mul (local.get 0) (local.get 0)))
  (func (export "calls") (result i32) (global.get $calls))
  (func (export "maybe_spin") (param i32) (if (local.get 0) (then (loop $l (br $l)))))
  ${COUNT} ${SPIN}`;

class Pooled implements AsyncDisposable {
  constructor(readonly runtime: Aegis, readonly pool: Pool) {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.runtime.close();
  }
}

async function pooled(options: PoolOptions): Promise<Pooled> {
  const runtime = await Aegis.create({ timeout: "30s", fuelLimit: "unlimited", memoryLimit: "1MiB" });
  return new Pooled(
    runtime,
    runtime.pool(await runtime.loadBytes(compileText(`(module ${GUEST})`)), options),
  );
}

async function readAll(stream: CallStream): Promise<string[]> {
  const read: string[] = [];
  try {
    for await (const { index, outcome } of stream) {
      read.push(`${index}:${outcome.kind === "value" ? outcome.values.join() : outcome.kind}`);
    }
  } catch (error) {
    read.push(error instanceof AegisError ? error.code : String(error));
  }
  return read;
}

for (const ordered of [true, false]) {
  Deno.test(`10,000 inputs through a pool of two come back once each, ${ordered ? "in order" : "as they come"}`, async () => {
    await using started = await pooled({ maximum: 2 });
    const most = 10_000, seen = new Set<number>();
    let pulled = 0, furthest = 0, returned = 0;
    const inputs = (function* () {
      try {
        for (; pulled < most; furthest = Math.max(furthest, pulled - returned)) yield [pulled++];
      } finally {
        furthest = Math.max(furthest, pulled - returned);
      }
    })();
    for await (
      const { index, outcome } of started.pool.callStream("square", inputs, { concurrency: 64, ordered })
    ) {
      if (ordered) assertEquals(index, returned);
      assert(!seen.has(index));
      seen.add(index);
      returned++;
      if (index === 13) assertEquals(outcome.kind, "trap");
      else assertEquals(outcome, { kind: "value", values: [Math.imul(index, index)] });
    }
    assertEquals([seen.size, pulled], [most, most]);
    assertEquals(furthest, 64, "inputs were taken ahead, and no more than the window");
    const { busy, alive, uses } = started.pool.stats();
    assertEquals([busy, uses], [0, most]);
    assert(alive <= 2);
  });
}

Deno.test("a stream through a pool never stands in its own way, however far it takes inputs ahead", async () => {
  await using started = await pooled({ maximum: 2, waiting: 0 });
  await started.pool.ready();
  const inputs = Array.from({ length: 200 }, (_, n) => [n + 20]);
  const read = await readAll(started.pool.callStream("square", inputs, { concurrency: 100 }));
  assertEquals(read, inputs.map(([n = 0], index) => `${index}:${n * n}`));
});

Deno.test("a stream of a sandbox keeps the instance, goes on after a trap, and ends with the instance", async () => {
  await using started = await running(GUEST, { timeout: "20s" });
  const { sandbox } = started;
  const inputs = [[12], [13], [14]] as const;
  assertEquals((await readAll(sandbox.callStream("square", inputs))).join(), "0:144,1:trap,2:196");
  assertEquals(await sandbox.call("calls"), 3, "one instance for all");
  const spinning = sandbox.callStream("maybe_spin", [[0], [1], [0], [0]], { timeout: 30, concurrency: 3 });
  assertEquals((await readAll(spinning)).join(), "0:,1:limit,InstanceEnded");
  await sandbox.reset();
  const few = sandbox.callStream("count", [[10], [100_000]], { fuel: 1000n });
  assertEquals((await readAll(few)).join(), "0:10,1:limit");
});

Deno.test("a reader who leaves a sandbox's stream finds the instance whole", async () => {
  await using started = await running(GUEST, { timeout: "20s", fuelLimit: "unlimited" });
  const { sandbox } = started;
  for await (const { index } of sandbox.callStream("count", [[5], [100_000_000], [7]])) {
    assertEquals(index, 0);
    await new Promise((resolve) => setTimeout(resolve, 20)); // the next call is under way
    assertEquals(sandbox.metrics().calls, 2);
    break;
  }
  assertEquals(await sandbox.call("count", [3]), 3);
});

Deno.test("a reader who leaves a pool's stream leaves no guest lent", async () => {
  await using started = await pooled({ maximum: 2 });
  const { pool } = started, began = performance.now();
  const inputs = [[0], ...new Array<readonly CallValue[]>(8).fill([1])];
  for await (const { index } of pool.callStream("maybe_spin", inputs, { concurrency: 8 })) {
    assertEquals(index, 0);
    break;
  }
  assertEquals([pool.stats().busy, pool.stats().waiting], [0, 0]);
  assert(performance.now() - began < 5000, "those that spin were cancelled");
  assertEquals(await pool.call("square", [3]), 9);
});

Deno.test("a signal ends a stream of either, with what is under way", async () => {
  await using started = await pooled({ maximum: 2 });
  await using single = await running(GUEST, { timeout: "20s" });
  for (const { of, who } of [{ of: "pool", who: started.pool }, { of: "sandbox", who: single.sandbox }]) {
    const controller = new AbortController(), timer = setTimeout(() => controller.abort(), 50);
    const read = await readAll(who.callStream("maybe_spin", [[0], [1], [1]], { signal: controller.signal }));
    clearTimeout(timer);
    assertEquals(read.at(-1), "Cancelled", of);
  }
  assertEquals(started.pool.stats().busy, 0);
});

Deno.test("a pool or a sandbox that is closed ends a stream with Closed", async () => {
  await using started = await pooled({ maximum: 2 });
  const { pool } = started, stream = pool.callStream("maybe_spin", [[0], [1], [1], [1]]);
  assertEquals((await stream.next()).value?.index, 0);
  const rest = readAll(stream);
  await pool.close();
  assertEquals((await rest).at(-1), "Closed");
  assertEquals((await readAll(pool.callStream("square", [[1]]))).join(), "Closed");

  await using single = await running(GUEST, { timeout: "20s" });
  const spinning = readAll(single.sandbox.callStream("maybe_spin", [[0], [1], [0]]));
  await new Promise((resolve) => setTimeout(resolve, 30));
  await single.sandbox.close();
  assertEquals((await spinning).join(), "0:,1:aborted,Closed");
});

Deno.test("a stream through a guest that is lent ends with the use", async () => {
  await using started = await pooled({ maximum: 1 });
  const { pool } = started,
    lease = await pool.acquire(),
    stream = lease.sandbox.callStream("square", [[2], [3]]);
  assertEquals((await stream.next()).value, { index: 0, outcome: { kind: "value", values: [4] } });
  lease.release();
  const rest = await readAll(stream);
  assert(["Closed", "1:9,", "1:aborted"].some((end) => rest.join().startsWith(end)), rest.join());
});

Deno.test("misuse of a stream throws: unknown functions, wrong inputs, options of no stream", async () => {
  await using started = await pooled({ maximum: 2 });
  const { pool } = started;
  assertEquals((await readAll(pool.callStream("sqare", [[1]]))).join(), "FunctionNotFound");
  assertEquals((await readAll(pool.callStream("square", [[2], ["text"], [3]]))).join(), "0:4,TypeMismatch");
  const error = await assertRejects(
    () => Promise.resolve().then(() => pool.callStream("square", [], { concurrency: 0 })),
    AegisError,
  );
  assertEquals(error.field, "concurrency");
  assertEquals(pool.stats().busy, 0);
});
