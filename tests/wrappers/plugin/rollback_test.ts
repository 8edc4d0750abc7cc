/** The way back, with a version that does all that it can to bar it. */
import { AegisError, hostFunction } from "../../../mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { becomes, counterOf, hostOf, pluginOf } from "./plugin_modules.ts";

/** A counter whose state's functions are these. */
function brokenCounter(
  version: string,
  save: string,
  restore: string,
  manifest = {},
): Uint8Array<ArrayBuffer> {
  return pluginOf(
    { name: "counter", version, ...manifest },
    `(module (memory (export "memory") 1) (global $n (mut i32) (i32.const 0))
      (func (export "aegis_alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "count") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
      (func (export "sick")) (func (export "spin") (loop (br 0)))
      (func (export "aegis_save") (result i64) ${save})
      (func (export "aegis_restore") (param i32 i32) ${restore}))`,
  );
}

const SAVE = "(i32.store (i32.const 16) (global.get $n)) (i64.const 0x1000000004)";
const RESTORE = "(global.set $n (i32.load (local.get 0)))";

const OPTIONS = {
  plugins: { counter: { version: "1.0.0", limits: { timeout: "1s" } } },
  health: { timeout: "1s", interval: "1h" },
} as const;

Deno.test("rollback() goes back whatever the present version does with its state", async () => {
  const cases: readonly (readonly [what: string, save: string])[] = [
    ["traps", "(unreachable)"],
    ["never ends", "(loop (br 0)) (unreachable)"],
  ];
  for (const [what, save] of cases) {
    const { host, kinds } = await hostOf(
      [counterOf("1.0.0"), brokenCounter("1.1.0", save, RESTORE)],
      OPTIONS,
    );
    await using _host = host;
    await host.start("counter");
    await host.call("counter", "count");
    await host.upgrade("counter", { version: "1.1.0" });
    const { version, stateLost } = await host.rollback("counter");
    assertEquals([version, stateLost], ["1.0.0", true], what);
    assertEquals(await host.call("counter", "count"), 1, what);
    assert(kinds().includes("stateLost 1.0.0"), what);
  }
});

Deno.test("rollback() gives a version that took half of a state no second chance to use it", async () => {
  // What stands in its memory after a restore that traps is not there afterwards.
  const half = "(global.set $n (i32.const 77)) (unreachable)";
  const { host } = await hostOf([brokenCounter("1.0.0", SAVE, half), counterOf("1.1.0")], OPTIONS);
  await using _host = host;
  await host.start("counter");
  await host.upgrade("counter", { version: "1.1.0" });
  await host.call("counter", "count");
  const refused = await assertRejects(() => host.rollback("counter", { state: "require" }), AegisError);
  assertEquals([refused.code, host.status("counter").version], ["Trap", "1.1.0"]);
  assertEquals((await host.rollback("counter")).stateLost, true);
  assertEquals(await host.call("counter", "count"), 1);
});

Deno.test("rollback() carries the state where it can, and drops it where that is wished", async () => {
  const { host } = await hostOf([counterOf("1.0.0"), counterOf("1.1.0")], OPTIONS);
  await using _host = host;
  await host.start("counter");
  await host.upgrade("counter", { version: "1.1.0" });
  await host.call("counter", "count");
  const kept = await host.rollback("counter", { state: "require" });
  assertEquals([kept.version, kept.stateLost, await host.call("counter", "count")], ["1.0.0", false, 2]);
  await host.upgrade("counter", { version: "1.1.0" });
  const dropped = await host.rollback("counter", { version: "1.0.0", state: "drop" });
  assertEquals([dropped.stateLost, await host.call("counter", "count")], [true, 1]);
  for (const wrong of [{ state: "keep" }, { versio: "1.0.0" }]) {
    const error = await assertRejects(() => host.rollback("counter", wrong as object), AegisError);
    assertEquals(error.code, "InvalidOption");
  }
});

Deno.test('rollback() refuses with state: "require" where the versions have no way to carry it', async () => {
  const mute = pluginOf(
    { name: "counter", version: "1.1.0" },
    `(module (func (export "count") (result i32) (i32.const 9)) (func (export "sick")) (func (export "spin")))`,
  );
  const { host } = await hostOf([counterOf("1.0.0"), mute], OPTIONS);
  await using _host = host;
  await host.start("counter");
  await host.upgrade("counter", { version: "1.1.0", state: "drop" });
  const error = await assertRejects(() => host.rollback("counter", { state: "require" }), AegisError);
  assertStringIncludes(error.message, "its state cannot be carried");
  assertEquals((await host.rollback("counter")).stateLost, true);
});

/** A plugin whose function "work" ends when the test lets it, and whose health function does so too where it is `sick`. */
function waiting(version: string, health: boolean): Uint8Array<ArrayBuffer> {
  return pluginOf(
    { name: "waiter", version, ...health ? { health: "well" } : {} },
    `(module (import "env" "wait" (func $wait)) (memory (export "memory") 1)
      (global $asleep (mut i32) (i32.const 0))
      (func (export "aegis_alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "work") (call $wait))
      (func (export "sleep") (global.set $asleep (i32.const 1)))
      (func (export "well") (if (global.get $asleep) (then (call $wait))))
      (func (export "aegis_save") (result i64) (i64.const 0x1000000004))
      (func (export "aegis_restore") (param i32 i32)))`,
  );
}

async function waiterHost(health: boolean) {
  const gate = Promise.withResolvers<void>(), entered = Promise.withResolvers<void>();
  const wait = hostFunction({ params: [], results: [] }, () => {
    entered.resolve();
    return gate.promise;
  });
  const made = await hostOf([waiting("1.0.0", health), waiting("1.1.0", health)], {
    plugins: {
      waiter: { version: "1.0.0", limits: { timeout: "60s" }, functions: { env: { wait } } },
    },
    health: { interval: "1h", timeout: "60s" },
    drain: "5s",
  });
  return { ...made, gate, entered };
}

Deno.test("rollback() waits for no check of health", async () => {
  const { host, gate, entered } = await waiterHost(true);
  await using _host = host;
  await host.start("waiter");
  await host.upgrade("waiter", { version: "1.1.0" });
  await host.call("waiter", "sleep");
  const checked = host.check("waiter");
  await entered.promise;
  assertEquals((await host.rollback("waiter", { state: "drop" })).version, "1.0.0");
  gate.resolve();
  // What the version that went said is of no account to the one that came.
  assertEquals([(await checked).version, host.status("waiter").reason], ["1.0.0", null]);
});

Deno.test("rollback() waits no longer than calls have to end, and calls go on", async () => {
  const { host, timers, gate, entered, kinds } = await waiterHost(false);
  await using _host = host;
  await host.start("waiter");
  await host.upgrade("waiter", { version: "1.1.0" });
  const working = host.call("waiter", "work").catch((error: unknown) => error);
  await entered.promise;
  const back = host.rollback("waiter");
  for (let done = false; !done;) {
    back.then(() => done = true);
    await timers.pass(5000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals([(await back).version, (await back).stateLost], ["1.0.0", true]);
  assert(kinds().includes("rolledBack 1.0.0"));
  await host.call("waiter", "sleep");
  gate.resolve();
  await working;
});

Deno.test("rollback() gives up an upgrade that waits for the present version", async () => {
  const { host, timers, gate, entered, kinds } = await waiterHost(false);
  await using _host = host;
  await host.start("waiter");
  await host.upgrade("waiter", { version: "1.1.0" });
  const working = host.call("waiter", "work");
  working.catch(() => {}); // where the test fails before it looks
  await entered.promise;
  await becomes(() => timers.pending === 2); // the first version has gone: its checks and its probation are left
  const forward = assertRejects(() => host.upgrade("waiter", { version: "1.0.0" }), AegisError);
  await becomes(() => timers.pending === 3); // calls wait at its gate, and it waits for the one that is under way
  assertEquals((await host.rollback("waiter", { state: "drop" })).version, "1.0.0");
  assertEquals((await forward).code, "Cancelled");
  await host.call("waiter", "sleep"); // nobody waits at its gate
  gate.resolve();
  await working;
  assertEquals(kinds().filter((kind) => kind.startsWith("upgraded")), ["upgraded 1.1.0"]);
  assertEquals(host.status("waiter").history, []);
});

Deno.test("a state that was lost to a limit is not saved as if it were one", async () => {
  const { host, kinds } = await hostOf([counterOf("1.0.0"), counterOf("1.1.0")], OPTIONS);
  await using _host = host;
  await host.start("counter");
  await host.call("counter", "count");
  await assertRejects(() => host.call("counter", "spin"), AegisError);
  assertEquals((await host.upgrade("counter", { version: "1.1.0" })).stateLost, true);
  assertEquals(kinds().slice(-2), ["stateLost 1.1.0", "upgraded 1.1.0"]);
});

Deno.test("a version that is taken back begins anew where it cannot take its own state any more", async () => {
  const once = `${RESTORE} (unreachable)`;
  const { host, kinds } = await hostOf(
    [brokenCounter("1.0.0", SAVE, once, { health: "count" }), counterOf("1.1.0")],
    OPTIONS,
  );
  await using _host = host;
  await host.start("counter");
  await host.upgrade("counter", { version: "1.1.0" });
  await host.call("counter", "sick");
  const { version, state } = await host.check("counter");
  assertEquals([version, state], ["1.0.0", "healthy"]);
  assertEquals(kinds().slice(-2), ["stateLost 1.0.0", "rolledBack 1.0.0"]);
});
