/** Who listens to events: subscribers, listeners, who iterates, and what it costs when nobody does. */
import { AegisError } from "../../mod.ts";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "../assert.ts";
import { HostEnd } from "../../src/protocol/channel.ts";
import { COUNT, running, start } from "./started.ts";
import { FIELDS, heard, OFFERS, ofType } from "./heard_events.ts";

Deno.test("nothing is told, and nothing made, while nobody listens", async () => {
  await using started = await running(FIELDS, OFFERS);
  const { runtime, sandbox } = started, { events } = sandbox;
  let dispatched = 0;
  for (const target of [events, runtime.events]) {
    target.dispatchEvent = (event) => {
      dispatched++;
      return EventTarget.prototype.dispatchEvent.call(target, event);
    };
  }
  const now = Date.now;
  let told = 0;
  const quietly = async () => {
    Date.now = () => { // every event has a time
      told++;
      return now();
    };
    try {
      sandbox.callSync("grow_and_call", [1]);
      await sandbox.call("one", [1]);
      await sandbox.callMany("count", [[1], [2]]);
      await assertRejects(() => sandbox.call("conut"), AegisError);
    } finally {
      Date.now = now;
    }
  };
  const listener = () => {};
  assertEquals(events.active, false);
  await quietly();
  assertEquals([dispatched, told], [0, 0]);

  events.addEventListener("execution_completed", listener);
  assertEquals([events.active, runtime.events.active], [true, false]);
  await quietly();
  assertEquals(dispatched, 3, "of the one type alone");
  assertEquals(told, 3);
  events.removeEventListener("execution_completed", listener);

  const leave = runtime.events.subscribe(listener);
  assertEquals([events.active, runtime.events.active], [true, true]);
  leave();
  const stream = events.iterate();
  assertEquals(events.active, true);
  await stream.return();
  const controller = new AbortController();
  events.addEventListener("error", listener, { signal: controller.signal });
  assertEquals([events.wants("error"), events.wants("memory_grew")], [true, false]);
  controller.abort();
  events.addEventListener("execution_started", listener, { once: true });
  sandbox.callSync("count", [1]);
  assertEquals(events.active, false, "once is over");
  dispatched = told = 0;
  await quietly();
  assertEquals([dispatched, told], [0, 0]);
});

Deno.test("callSync() and its host functions do not even look at the meters while nobody listens", async () => {
  await using started = await running(FIELDS, OFFERS);
  const { meters } = HostEnd.prototype;
  let looks = 0;
  HostEnd.prototype.meters = function () {
    looks++;
    return meters.call(this);
  };
  try {
    started.sandbox.callSync("grow_and_call", [1]);
    assertEquals(looks, 0);
    started.sandbox.events.subscribe(() => {});
    started.sandbox.callSync("grow_and_call", [1]);
    assert(looks >= 3, `${looks}`);
  } finally {
    HostEnd.prototype.meters = meters;
  }
});

Deno.test("a listener that is added twice is called once, and gone when it is removed once", async () => {
  await using started = await running(COUNT);
  const { events } = started.sandbox;
  let calls = 0;
  const listener = { handleEvent: () => void calls++ };
  events.addEventListener("execution_started", listener);
  events.addEventListener("execution_started", listener);
  started.sandbox.callSync("count", [1]);
  assertEquals(calls, 1);
  events.removeEventListener("execution_started", listener, true);
  assertEquals(events.active, true, "a listener for capturing is another one");
  events.removeEventListener("execution_started", listener);
  assertEquals(events.active, false);
  const unknown = assertThrows(() => events.addEventListener("execution_strated", () => {}), AegisError);
  assertEquals(unknown.code, "InvalidOption");
});

Deno.test("a subscriber that throws is dropped, breaks no call, and its error can be read", async () => {
  await using started = await running(FIELDS, OFFERS);
  const { sandbox } = started, { events } = sandbox;
  let calls = 0;
  const thrower = () => {
    calls++;
    throw new Error("mine");
  };
  events.subscribe(thrower);
  events.addEventListener("execution_started", thrower);
  events.subscribe(async () => {
    await Promise.reject(new Error("later"));
  });
  const others = heard(sandbox);
  assertEquals(sandbox.callSync("one", [1]), 2);
  assertEquals(await sandbox.call("one", [1]), 2);
  assertEquals(calls, 2, "each once");
  assertEquals(ofType(others, "execution_completed").length, 2);
  assertEquals(events.failures.map((error) => error instanceof Error && error.message).sort(), [
    "later",
    "mine",
    "mine",
  ]);
});

Deno.test("a listener cannot call into the sandbox that waits for it", async () => {
  await using started = await running(FIELDS, OFFERS);
  const { sandbox } = started, codes: unknown[] = [];
  const pending: Promise<unknown>[] = [];
  sandbox.events.subscribe(() => {
    pending.push(assertRejects(() => sandbox.call("count", [1]), AegisError).then(({ code }) => code));
    try {
      sandbox.callSync("count", [1]);
    } catch (error) {
      assertInstanceOf(error, AegisError);
      codes.push(error.code);
    }
  });
  assertEquals(sandbox.callSync("one", [1]), 2);
  assertEquals(await sandbox.call("one", [1]), 2);
  assertEquals(new Set(codes), new Set(["Reentrant"]));
  assertEquals(new Set(await Promise.all(pending)), new Set(["Reentrant"]));
  assert(codes.length >= 8 && codes.length === pending.length);
  assertEquals([sandbox.metrics().calls, sandbox.events.failures], [2, []]);
});

Deno.test("iterate() hands events over in order, and ends with its sandbox", async () => {
  await using started = await running(COUNT);
  const { sandbox } = started, seen: string[] = [];
  const reading = (async () => {
    for await (const event of sandbox.events) seen.push(event.type);
  })();
  await sandbox.call("count", [1]);
  await sandbox.close();
  await reading;
  assertEquals(seen, ["execution_started", "fuel_consumed", "execution_completed"]);
  assertEquals(sandbox.events.active, false);
  assertEquals((await sandbox.events.iterate().next()).done, true, "after the end there is nothing");
});

Deno.test("iterate() ends with its signal, and with its runtime", async () => {
  await using started = await start();
  const controller = new AbortController(), { events } = started.runtime;
  const first = events.iterate({ signal: controller.signal }).next();
  controller.abort();
  assertEquals((await first).done, true);
  assertEquals(events.active, false);
  const second = events.iterate().next();
  await started.runtime.close();
  assertEquals((await second).done, true);
  for (const capacity of [0, 1.5, NaN, 1e9]) {
    assertThrows(() => events.iterate({ capacity }), AegisError, "capacity");
  }
});

Deno.test("iterate() keeps so many events of a guest that floods it, and counts the others", async () => {
  const flood = `(import "env" "host" (func $host (param i32) (result i32)))
    (func (export "flood") (param i32)
      (loop $l (drop (call $host (local.get 0)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;
  await using started = await running(flood, { ...OFFERS, hostCallLimit: 2_000_000, timeout: "60s" });
  const stream = started.sandbox.events.iterate({ types: ["host_function_called"], capacity: 100 });
  const CALLS = 5_000;
  started.sandbox.callSync("flood", [CALLS]);
  await started.sandbox.close();
  let kept = 0;
  for await (const _ of stream) kept++;
  assertEquals([kept, stream.dropped], [100, CALLS - 100]);
});
