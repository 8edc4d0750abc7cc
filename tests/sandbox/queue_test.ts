import { AegisError, type Outcome, type Sandbox } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { COUNT, running, SPIN, start } from "./started.ts";

const COUNTER = `(global $g (mut i32) (i32.const 0))
  (func (export "next") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))`;

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Waits until the guest has begun to work. */
async function untilBusy(sandbox: Sandbox): Promise<void> {
  while (sandbox.metrics().calls === 0) await sleep(1);
  await sleep(20);
}

Deno.test("concurrent calls run one after the other, in the order in which they were made", async () => {
  await using started = await running(COUNTER);
  const { sandbox } = started;
  const order: number[] = [];
  const calls = Array.from(
    { length: 50 },
    (_, index) => sandbox.call<number>("next").then((value) => (order.push(index), value)),
  );
  assertEquals(await Promise.all(calls), Array.from({ length: 50 }, (_, index) => index + 1));
  assertEquals(order, Array.from({ length: 50 }, (_, index) => index));
  assertEquals(sandbox.metrics().calls, 50);
});

Deno.test("a call that fails does not hold up those behind it", async () => {
  await using started = await running(`${COUNTER} (func (export "trap") unreachable)`);
  const { sandbox } = started;
  const outcomes = await Promise.allSettled([
    sandbox.call("next"),
    sandbox.call("trap"),
    sandbox.call("missing"),
    sandbox.call("next", [1]),
    sandbox.call("next"),
  ]);
  assertEquals(outcomes.map((each) => each.status === "fulfilled" ? each.value : each.reason.code), [
    1,
    "Trap",
    "FunctionNotFound",
    "TypeMismatch",
    2,
  ]);
});

Deno.test("loads, memory accesses and resets queue with the calls", async () => {
  await using started = await start();
  const { sandbox } = started;
  const module = await started.module(`(memory (export "memory") 1) ${COUNTER}`);
  const results = await Promise.all([
    sandbox.loadModule(module),
    sandbox.call("next"),
    sandbox.writeMemory(5, Uint8Array.of(7)),
    sandbox.readMemory(5, 1),
    sandbox.reset(),
    sandbox.readMemory(5, 1),
    sandbox.call("next"),
  ]);
  assertEquals(results, [undefined, 1, undefined, Uint8Array.of(7), undefined, Uint8Array.of(0), 1]);
});

Deno.test("close() ends a running call with Closed and refuses what is queued", async () => {
  await using started = await running(SPIN + COUNT, { fuelLimit: "unlimited" });
  const { sandbox } = started;
  const calls = [sandbox.tryCall("spin"), sandbox.call("count", [1]), sandbox.reset()];
  const settled = Promise.allSettled(calls);
  await untilBusy(sandbox);
  const before = performance.now();
  await sandbox.close();
  assert(performance.now() - before < 500, "the guest is back soon");
  const [running_, ...queued] = await settled;
  assert(running_?.status === "fulfilled");
  assertEquals(running_.value as Outcome, { kind: "aborted", reason: "closed" }); // what tryCall gives
  for (const each of queued) {
    assert(each.status === "rejected" && each.reason instanceof AegisError);
    assertEquals(each.reason.code, "Closed");
  }
  assertEquals((await assertRejects(() => sandbox.call("count", [1]), AegisError)).code, "Closed");
  await sandbox.close();
});

Deno.test("close() ends a call that waits for a host function which never returns", async () => {
  const never = Promise.withResolvers<void>();
  await using started = await running('(import "env" "wait" (func $w)) (func (export "f") (call $w))', {
    offers: { "env.wait()->": () => never.promise },
  });
  const call = started.sandbox.call("f");
  const failed = assertRejects(() => call, AegisError);
  await untilBusy(started.sandbox);
  await started.sandbox.close();
  assertEquals((await failed).code, "Closed");
});

Deno.test("await using closes sandbox and runtime", async () => {
  let leaked: Sandbox | undefined;
  {
    await using started = await running(COUNTER);
    {
      await using sandbox = await started.runtime.sandbox().build();
      leaked = sandbox;
    }
    assertEquals(
      (await assertRejects(() => leaked?.call("next") ?? Promise.resolve(), AegisError)).code,
      "Closed",
    );
    assertEquals(await started.sandbox.call("next"), 1);
    leaked = started.sandbox;
  }
  assertEquals(
    (await assertRejects(() => leaked?.call("next") ?? Promise.resolve(), AegisError)).code,
    "Closed",
  );
});

Deno.test("a signal cancels a running call, and one that has not begun", async () => {
  await using started = await running(SPIN + COUNTER, { fuelLimit: "unlimited" });
  const { sandbox } = started;
  const controller = new AbortController();
  const spinning = sandbox.tryCall("spin", [], { signal: controller.signal });
  const waiting = sandbox.tryCall("next", [], { signal: controller.signal });
  const behind = assertRejects(() => sandbox.call("next"), AegisError);
  await untilBusy(sandbox);
  controller.abort();
  assertEquals(await spinning, { kind: "aborted", reason: "cancelled" });
  assert(["aborted", undefined].includes(await waiting.then((outcome) => outcome.kind, () => undefined)));
  assertEquals((await behind).code, "InstanceEnded");
  await sandbox.reset();
  assertEquals(await sandbox.call("next"), 1);
  const error = await assertRejects(
    () => sandbox.call("next", [], { signal: AbortSignal.abort() }),
    AegisError,
  );
  assertEquals(error.code, "Cancelled");
  assertEquals(await sandbox.call("next"), 2, "what never began ends nothing");
});

Deno.test("a signal that comes too late changes nothing", async () => {
  await using started = await running(COUNTER);
  const controller = new AbortController();
  assertEquals(await started.sandbox.call("next", [], { signal: controller.signal }), 1);
  controller.abort();
  assertEquals(await started.sandbox.call("next"), 2);
});

Deno.test("several sandboxes run at once", async () => {
  await using started = await start({ fuelLimit: "unlimited", timeout: "150ms" });
  const module = await started.module(SPIN);
  const sandboxes = await Promise.all([1, 2, 3].map(() => started.runtime.sandbox().build()));
  for (const sandbox of sandboxes) await sandbox.loadModule(module);
  const before = performance.now();
  const outcomes = await Promise.all(sandboxes.map((sandbox) => sandbox.tryCall("spin")));
  assert(outcomes.every((outcome) => outcome.kind === "limit" && outcome.limit === "time"));
  assert(performance.now() - before < 400, "not one after the other");
});
