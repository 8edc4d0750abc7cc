import { AegisError, type UsageSample } from "../../mod.ts";
import type { UsageReading } from "../../src/sandbox/usage.ts";
import { type MonitorOptions, UsageMonitor } from "../../src/sandbox/usage_monitor.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { FakeTimers } from "./pool_rig.ts";
import { COUNT, running, SPIN } from "./started.ts";

const NOTHING: UsageReading = {
  fuelConsumed: 0n,
  cpuTime: 0,
  memory: 0,
  hostCalls: 0,
  denials: 0,
  running: false,
  still: false,
};

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A monitor under a clock that the test moves; each look is one unit of fuel more. */
function rig(options: MonitorOptions) {
  const timers = new FakeTimers(), state = { reading: NOTHING, looks: 0, stops: 0 };
  const monitor = new UsageMonitor({
    read: () => ({ ...state.reading, fuelConsumed: BigInt(state.looks++) }),
    timers,
    onStop: () => state.stops++,
  }, options);
  return { timers, state, monitor };
}

Deno.test("UsageMonitor looks at once and then at fixed times, and keeps the last samples", async () => {
  const { timers, monitor } = rig({ every: "100ms", keep: 4 });
  assertEquals(monitor.samples.map(({ fuelConsumed }) => fuelConsumed), [0n]);
  await timers.pass(350);
  assertEquals(monitor.samples.map(({ fuelConsumed }) => fuelConsumed), [0n, 1n, 2n, 3n]);
  await timers.pass(100_000);
  assertEquals([monitor.samples.length, monitor.forgotten], [4, 1004 - 4]);
  assertEquals(monitor.samples.map(({ fuelConsumed }) => fuelConsumed), [1000n, 1001n, 1002n, 1003n]);
  assertEquals(monitor.latest, monitor.samples.at(-1));
  assert(!("still" in monitor.latest));
});

Deno.test("UsageMonitor stops once: no timer is left, samples stay, and who iterates comes to an end", async () => {
  const { timers, state, monitor } = rig({ every: 10, keep: 100 }), seen: UsageSample[] = [];
  const reading = (async () => {
    for await (const sample of monitor) seen.push(sample);
  })();
  await timers.pass(30);
  monitor.stop();
  monitor[Symbol.dispose]();
  await reading;
  await timers.pass(100);
  assertEquals([timers.pending, state.stops, monitor.samples.length, monitor.stopped], [0, 1, 4, true]);
  assertEquals(seen, monitor.samples.slice(1));
  assertEquals((await monitor[Symbol.asyncIterator]().next()).done, true);
});

Deno.test("UsageMonitor has no time pass for a guest that stands still", async () => {
  const { timers, state, monitor } = rig({ every: 10 });
  for (
    const [cpuTime, still] of [[5, false], [15, true], [25, true], [6, false], [5.5, false], [
      16,
      false,
    ]] as const
  ) {
    state.reading = { ...NOTHING, cpuTime, still };
    await timers.pass(10);
  }
  assertEquals(monitor.samples.map(({ cpuTime }) => cpuTime), [0, 5, 5, 5, 6, 6, 16]);
});

Deno.test("UsageMonitor refuses times and numbers that it cannot keep", () => {
  for (const every of [0, 0.5, "0s"]) assertThrows(() => rig({ every }), AegisError, "every");
  for (const keep of [0, 1.5, 1e9, NaN]) assertThrows(() => rig({ keep }), AegisError, "keep");
});

Deno.test("monitor() follows a guest amid a call, without asking it, and stops with the sandbox", async () => {
  await using started = await running(
    `(memory (export "memory") 2) ${SPIN} ${COUNT}`,
    { fuelLimit: "unlimited", timeout: "20s" },
  );
  const { sandbox } = started, monitor = sandbox.monitor({ every: "5ms", keep: 1000 });
  const beats = monitor[Symbol.asyncIterator]();
  assertEquals([monitor.latest.running, monitor.latest.memory], [false, 2 * 65536]);
  const call = sandbox.tryCall("spin");
  await sleep(200);
  sandbox.stop();
  await call;
  const during = monitor.samples.filter((sample) => sample.running);
  assert(during.length >= 5, `${during.length} samples of the call`);
  const [first] = during, last = during.at(-1);
  assert(first !== undefined && last !== undefined);
  assert(last.fuelConsumed > first.fuelConsumed);
  const passed = last.time - first.time, worked = last.cpuTime - first.cpuTime;
  assert(Math.abs(worked - passed) < 30, `${worked} ms of work in ${passed} ms`);
  for (const [index, sample] of during.entries()) {
    const before = during[index - 1];
    assert(
      before === undefined || sample.fuelConsumed >= before.fuelConsumed && sample.cpuTime >= before.cpuTime,
    );
  }
  assert((await beats.next()).value !== undefined);
  await sandbox.close();
  assertEquals(monitor.stopped, true);
  assertThrows(() => sandbox.monitor(), AegisError, "closed");
});

Deno.test("monitor() tells work from waiting for the host, and counts denials", async () => {
  await using started = await running(
    `(import "env" "wait" (func $w)) (import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
     (func (export "f") (call $log (i32.const 0) (i32.const 0)) (call $w))`,
    { offers: { "env.wait()->": () => sleep(150) } },
  );
  using monitor = started.sandbox.monitor({ every: 5 });
  const before = monitor.latest.cpuTime;
  await started.sandbox.call("f");
  await sleep(20);
  const { cpuTime, denials, hostCalls, running: runs } = monitor.latest;
  assert(cpuTime - before < 75, `${cpuTime - before} ms`);
  assertEquals([denials, hostCalls, runs], [1, 2, false]);
});

Deno.test("UsageMonitor keeps no process alive", async () => {
  const timers = new FakeTimers(), asked: boolean[] = [];
  const after = (milliseconds: number, run: () => void, keepsAlive: boolean) => {
    asked.push(keepsAlive);
    return timers.after(milliseconds, run);
  };
  const ports = { now: () => timers.now(), after };
  using monitor = new UsageMonitor({ read: () => NOTHING, timers: ports, onStop: () => {} });
  await timers.pass(250);
  assertEquals([monitor.samples.length, asked], [3, [false, false, false]]);
});
