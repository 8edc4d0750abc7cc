import { running } from "./started.ts";
import { isForInterpreter } from "../engine_of_tests.ts";
import { assert, assertEquals } from "../assert.ts";
import { cpuTime } from "../adversarial/process_facts.ts";

/** Counts to a number, slowly enough to be stopped on the way. */
const COUNT = `(func (export "count") (param $n i64) (result i64) (local $i i64)
  (loop $l (local.set $i (i64.add (local.get $i) (i64.const 1)))
    (br_if $l (i64.lt_u (local.get $i) (local.get $n))))
  (local.get $i))`;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("a paused loop uses no processor and no time of its own, and resumes to the right result", async () => {
  await using started = await running(COUNT, { fuelLimit: "unlimited", timeout: "2s" });
  const { sandbox } = started, n = isForInterpreter() ? 60_000_000n : 400_000_000n;
  let ended = false;
  const call = sandbox.tryCall("count", [n]).finally(() => ended = true);
  await sleep(30);
  sandbox.pause();
  await sleep(50);
  const used = sandbox.metrics().fuelConsumed, before = cpuTime();
  await sleep(2500); // longer than its timeout
  const took = cpuTime() - before;
  assert(!ended && took < 250, `${took} ms of processor time in 2.5 s`);
  assertEquals(sandbox.metrics().fuelConsumed, used);
  sandbox.resume();
  const outcome = await call;
  assert(outcome.kind === "value", outcome.kind);
  assertEquals(outcome.values, [n]);
});

Deno.test("metrics() tell in mid-call what the guest has worked, pauses left out", async () => {
  await using started = await running(COUNT, { fuelLimit: "unlimited", timeout: "20s" });
  const { sandbox } = started, loaded = sandbox.metrics().cpuTime, began = performance.now();
  const call = sandbox.tryCall("count", [2n ** 60n]);
  await sleep(100);
  const early = sandbox.metrics().cpuTime - loaded;
  assert(early >= 50 && early <= performance.now() - began + 1, `${early} ms`);
  sandbox.pause();
  await sleep(50);
  const paused = sandbox.metrics().cpuTime;
  await sleep(300);
  const later = sandbox.metrics();
  assert(later.cpuTime - paused < 100, `${later.cpuTime - paused} ms of work in a pause of 300`);
  assert(later.duration >= 400, "the pause is part of the time that passed");
  sandbox.stop();
  await call;
});

Deno.test("a paused guest can be stopped and closed, and its sandbox used again", async () => {
  await using started = await running(COUNT, { fuelLimit: "unlimited", timeout: "20s" });
  const { sandbox } = started;
  for (let round = 0; round < 3; round++) {
    const call = sandbox.tryCall("count", [2n ** 60n]);
    await sleep(5);
    sandbox.pause();
    await sleep(5);
    sandbox.stop();
    assertEquals(await call, { kind: "aborted", reason: "cancelled" });
    await sandbox.reset();
    assertEquals(await sandbox.call("count", [3n]), 3n);
  }
  const call = sandbox.tryCall("count", [2n ** 60n]);
  await sleep(5);
  sandbox.pause();
  await sandbox.close();
  assertEquals(await call, { kind: "aborted", reason: "closed" });
});

Deno.test("a call that begins on a paused sandbox stands still at once; pausing twice is pausing once", async () => {
  await using started = await running(COUNT, { timeout: "300ms" });
  const { sandbox } = started;
  sandbox.pause();
  sandbox.pause();
  let ended = false;
  const call = sandbox.call("count", [2_000_000n]).finally(() => ended = true);
  await sleep(600); // longer than its timeout
  assertEquals(ended, false);
  sandbox.resume();
  sandbox.resume();
  assertEquals(await call, 2_000_000n);
});

Deno.test("pause() and resume() at any moments change no result and no fuel", async () => {
  await using started = await running(COUNT, { fuelLimit: "unlimited" });
  const { sandbox } = started, n = 3_000_000n;
  await sandbox.call("count", [n]);
  const fuel = sandbox.metrics().lastCall?.fuelConsumed;
  for (let round = 0; round < 20; round++) {
    const call = sandbox.call("count", [n]);
    for (let k = 0; k < round % 5; k++) {
      sandbox.pause();
      await sleep(round % 3);
      sandbox.resume();
      await sleep(k % 2);
    }
    assertEquals(await call, n);
    assertEquals(sandbox.metrics().lastCall?.fuelConsumed, fuel);
  }
});

Deno.test("stop() ends what runs and nothing that waits", async () => {
  await using started = await running(COUNT, { fuelLimit: "unlimited" });
  const { sandbox } = started;
  sandbox.stop();
  assertEquals(await sandbox.call("count", [2n]), 2n, "nothing ran");
  const call = sandbox.tryCall("count", [2n ** 60n]);
  await sleep(5);
  sandbox.stop();
  assertEquals(await call, { kind: "aborted", reason: "cancelled" });
});

Deno.test("a guest that waits for the host while it is paused has its time back", async () => {
  const asks = '(import "env" "ask" (func $ask)) (func (export "f") (result i32) (call $ask) i32.const 7)';
  await using started = await running(asks, {
    timeout: "300ms",
    offers: { "env.ask()->": () => sleep(200) },
  });
  const { sandbox } = started;
  for (const moment of [0, 100]) {
    const call = sandbox.tryCall("f");
    await sleep(moment);
    sandbox.pause();
    await sleep(400); // longer than its timeout; the host function returns meanwhile
    sandbox.resume();
    assertEquals(await call, { kind: "value", values: [7] });
  }
  const { lastCall } = sandbox.metrics();
  assert(lastCall !== undefined && lastCall.duration > 300, "the host's time is as long as it was");
  const late = sandbox.tryCall("f", [], { timeout: "100ms" });
  await sleep(20);
  sandbox.pause();
  await sleep(50);
  sandbox.resume();
  const outcome = await late;
  assert(outcome.kind === "limit" && outcome.limit === "time", "what it waits beside counts as ever");
});

Deno.test("a pause of an idle sandbox holds the shortest call, after a stop and in a new thread too", async () => {
  await using started = await running(`${COUNT} (func (export "seven") (result i32) i32.const 7)`);
  const { sandbox } = started;
  const stoppedInMidCall = async () => {
    const call = sandbox.tryCall("count", [2n ** 60n]);
    await sleep(5);
    sandbox.stop();
    await call;
    sandbox.pause();
    await sandbox.reset();
  };
  for (const prepare of [() => Promise.resolve(sandbox.pause()), stoppedInMidCall]) {
    await prepare();
    let ended = false;
    const call = sandbox.call<number>("seven").finally(() => ended = true);
    await sleep(50);
    assertEquals(ended, false);
    sandbox.resume();
    assertEquals(await call, 7);
  }
});
