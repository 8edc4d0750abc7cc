import { assert, assertEquals } from "../assert.ts";
import { COUNT, running, start } from "./started.ts";

const FIELDS = `(import "env" "host" (func $host (param i32)))
  (memory (export "memory") 1 4) ${COUNT}
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "calls") (param i32)
    (loop $l (call $host (local.get 0))
      (br_if $l (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0)))))`;

const PAGE = 65536;
const OFFERS = { offers: { "env.host(i32)->": () => {} }, memoryLimit: 3 * PAGE };

Deno.test("metrics() are cumulative, with the last call beside them", async () => {
  await using started = await running(FIELDS, OFFERS);
  const { sandbox } = started;
  const loaded = sandbox.metrics();
  assertEquals([loaded.calls, loaded.hostCalls, loaded.memory, loaded.peakMemory, loaded.lastCall], [
    0,
    0,
    PAGE,
    PAGE,
    undefined,
  ]);
  assert(loaded.fuelConsumed > 0n && loaded.duration > 0);
  await sandbox.call("count", [10]);
  const first = sandbox.metrics();
  await sandbox.call("count", [1000]);
  const second = sandbox.metrics();
  assertEquals([first.calls, second.calls], [1, 2]);
  assertEquals(first.lastCall?.fuelConsumed, first.fuelConsumed - loaded.fuelConsumed);
  assertEquals(second.lastCall?.fuelConsumed, second.fuelConsumed - first.fuelConsumed);
  assert((second.lastCall?.fuelConsumed ?? 0n) > (first.lastCall?.fuelConsumed ?? 0n));
  const durations = (first.lastCall?.duration ?? 0) + (second.lastCall?.duration ?? 0);
  assert(Math.abs(second.duration - loaded.duration - durations) < 1, `${durations} of ${second.duration}`);
});

Deno.test("metrics() count host calls, of all calls and of the last", async () => {
  await using started = await running(FIELDS, OFFERS);
  const { sandbox } = started;
  await sandbox.call("calls", [5]);
  await sandbox.call("calls", [2]);
  assertEquals([sandbox.metrics().hostCalls, sandbox.metrics().lastCall?.hostCalls], [7, 2]);
  await sandbox.call("count", [0]);
  assertEquals([sandbox.metrics().hostCalls, sandbox.metrics().lastCall?.hostCalls], [7, 0]);
});

Deno.test("metrics() follow memory, and note each refused growth", async () => {
  await using started = await running(FIELDS, OFFERS);
  const { sandbox } = started;
  assertEquals(await sandbox.call("grow", [1]), 1);
  assertEquals([sandbox.metrics().memory, sandbox.metrics().peakMemory], [2 * PAGE, 2 * PAGE]);
  assertEquals(await sandbox.call("grow", [2]), -1);
  assertEquals([sandbox.metrics().refusedGrowths, sandbox.metrics().lastCall?.refusedGrowths], [1, 1]);
  assertEquals(await sandbox.call("grow", [1]), 2);
  assertEquals([sandbox.metrics().memory, sandbox.metrics().refusedGrowths], [3 * PAGE, 1]);
  assertEquals(sandbox.metrics().lastCall?.refusedGrowths, 0);
});

Deno.test("metrics() tell time in which the guest waited from time in which it worked", async () => {
  await using started = await running('(import "env" "wait" (func $w)) (func (export "f") (call $w))', {
    offers: { "env.wait()->": () => new Promise((resolve) => setTimeout(resolve, 120)) },
  });
  await started.sandbox.call("f");
  const { lastCall, cpuTime, duration } = started.sandbox.metrics();
  assert(lastCall !== undefined);
  assert(lastCall.duration >= 119, `${lastCall.duration} ms`);
  assert(lastCall.cpuTime < 60, `${lastCall.cpuTime} ms`);
  assert(duration - cpuTime >= 100);
});

Deno.test("metrics() count a call that failed", async () => {
  await using started = await running(`(func (export "trap") unreachable) ${COUNT}`);
  const { sandbox } = started, before = sandbox.metrics().fuelConsumed;
  await sandbox.tryCall("trap");
  assertEquals(sandbox.metrics().calls, 1);
  assertEquals(sandbox.metrics().lastCall?.fuelConsumed, sandbox.metrics().fuelConsumed - before);
  assertEquals(sandbox.metrics().lastCall?.fuelConsumed, 1n, "its entry");
});

Deno.test("metrics() can be read while the guest is working", async () => {
  await using started = await running('(func (export "spin") (loop $l (br $l)))', {
    fuelLimit: "unlimited",
    timeout: "200ms",
  });
  const call = started.sandbox.tryCall("spin");
  const seen: bigint[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    seen.push(started.sandbox.metrics().fuelConsumed);
  }
  await call;
  assert(seen.every((value, index) => index === 0 || value > (seen[index - 1] ?? 0n)), seen.join());
});

Deno.test("metrics() of a sandbox without a module are zero", async () => {
  await using started = await start();
  const { calls, fuelConsumed, memory, hostCalls, refusedGrowths } = started.sandbox.metrics();
  assertEquals({ calls, fuelConsumed, memory, hostCalls, refusedGrowths }, {
    calls: 0,
    fuelConsumed: 0n,
    memory: 0,
    hostCalls: 0,
    refusedGrowths: 0,
  });
});
