import { AegisError, TrapError } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { HAS_PROC, residentMemory } from "../adversarial/process_facts.ts";
import { COUNT, running, SPIN, start } from "./started.ts";

const STATEFUL = `(memory (export "memory") 1 4) (global $g (mut i32) (i32.const 5))
  (table $t 2 funcref) (elem $e func $one) (func $one (result i32) i32.const 1)
  (func (export "change") (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.store (i32.const 0) (i32.const 77))
    (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 1)) (elem.drop $e)
    (memory.grow (i32.const 1)))
  (func (export "look") (result i32 i32 i32 i32)
    (global.get $g) (i32.load (i32.const 0)) (ref.is_null (table.get $t (i32.const 1))) (memory.size))`;

Deno.test("reset() brings memory, globals, tables and segments back to the beginning", async () => {
  await using started = await running(STATEFUL);
  const { sandbox } = started, fresh = await sandbox.call("look");
  assertEquals(fresh, [5, 0, 1, 1]);
  for (let turn = 0; turn < 3; turn++) {
    assertEquals(await sandbox.call("change"), 1);
    assertEquals(await sandbox.call("look"), [6, 77, 0, 2]);
    await sandbox.reset();
    assertEquals(await sandbox.call("look"), fresh);
  }
});

Deno.test("reset() gives the full budget back and sets the meters to zero", async () => {
  await using started = await running(STATEFUL + COUNT, { fuelLimit: 5000 });
  const { sandbox } = started, loaded = sandbox.metrics();
  await sandbox.call("count", [100]);
  await sandbox.call("change");
  sandbox.addFuel(1000);
  await sandbox.reset();
  const after = sandbox.metrics();
  assertEquals([after.calls, after.fuelConsumed, after.memory, after.lastCall], [
    0,
    loaded.fuelConsumed,
    loaded.memory,
    undefined,
  ]);
  assertEquals(sandbox.remainingFuel(), 5000n - loaded.fuelConsumed, "what was added is gone");
});

Deno.test("reset() runs the start function again", async () => {
  let started_ = 0;
  await using started = await running(
    '(import "env" "mark" (func $m)) (start $s) (func $s (call $m)) (func (export "f"))',
    { offers: { "env.mark()->": () => void started_++ } },
  );
  assertEquals(started_, 1);
  await started.sandbox.reset();
  assertEquals(started_, 2);
});

Deno.test("reset() with modules dropped runs no start function, and leaves a sandbox for any module", async () => {
  let starts = 0;
  await using started = await running(
    '(import "env" "mark" (func $m)) (start $s) (func $s (call $m)) (func (export "f"))',
    { offers: { "env.mark()->": () => void starts++ } },
  );
  const { sandbox } = started;
  await sandbox.reset({ modules: "drop" });
  await assertRejects(() => sandbox.call("f"), AegisError, "has no module");
  await sandbox.reset();
  assertEquals(starts, 1, "nor does a reset after it");
  await started.load('(func (export "b") (result i32) i32.const 2)');
  assertEquals(await sandbox.call("b"), 2);
  assertEquals(sandbox.metrics().calls, 1);
  await assertRejects(
    () => sandbox.reset({ modules: "forget" as "drop" }),
    AegisError,
    'Cannot reset with modules "forget"',
  );
  await assertRejects(
    () => sandbox.reset({ quotas: "double" as "renew" }),
    AegisError,
    'Cannot reset with quotas "double": use "keep" or "renew"',
  );
});

Deno.test("reset() with modules dropped leaves a sandbox for any module after a call that ran out of time", async () => {
  await using started = await running(SPIN, { timeout: 50 });
  const { sandbox } = started;
  await assertRejects(() => sandbox.call("spin"), AegisError, "Timeout");
  await sandbox.reset({ modules: "drop" });
  await started.load('(func (export "b") (result i32) i32.const 2)');
  assertEquals(await sandbox.call("b"), 2);
});

Deno.test({
  name: "reset() again and again of a guest that fills its memory does not fill the host's",
  ignore: !HAS_PROC,
  fn: async () => {
    await using started = await start({ fuelLimit: "20M" });
    const { sandbox } = started, before = residentMemory();
    const module = await started.module(`(memory 1024) (func (export "fill") (local i32)
      (loop $l (i32.store (local.get 0) (i32.const 1)) (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
        (br_if $l (i32.lt_u (local.get 0) (i32.const 67100000)))) (loop $m (br $m)))`);
    let most = 0;
    for (let turn = 0; turn < 24; turn++) {
      await sandbox.loadModule(module);
      assertEquals((await sandbox.tryCall("fill")).kind, "limit");
      most = Math.max(most, residentMemory() - before);
      await sandbox.reset({ modules: "drop" });
    }
    assert(most < 350, `${most} MiB of 1536 that were dropped`);
  },
});

Deno.test("loadModule() after reset() replaces what was loaded", async () => {
  await using started = await running('(func (export "a") (result i32) i32.const 1)');
  const { sandbox } = started;
  await sandbox.reset();
  assertEquals(await sandbox.call("a"), 1, "until then, it is there");
  await started.load('(func (export "b") (result i32) i32.const 2)');
  assertEquals(await sandbox.call("b"), 2);
  assertEquals((await assertRejects(() => sandbox.call("a"), AegisError)).code, "FunctionNotFound");
  await started.load('(func (export "c") (result i32) i32.const 3)');
  await sandbox.reset();
  assertEquals(await sandbox.call("c"), 3, "b and c are both loaded anew");
});

Deno.test("a module that fails after reset() leaves the sandbox without a module, not with the old one", async () => {
  await using started = await running('(func (export "a") (result i32) i32.const 1)');
  const { sandbox } = started;
  await sandbox.reset();
  await assertRejects(() => started.load("(start $s) (func $s unreachable)"), TrapError);
  const error = await assertRejects(() => sandbox.call("a"), AegisError);
  assertEquals(error.code, "ModuleNotLoaded");
  await started.load('(func (export "b") (result i32) i32.const 2)');
  assertEquals(await sandbox.call("b"), 2);
});

Deno.test("reset() of a module whose start function fails the second time says so, and leaves nothing loaded", async () => {
  let calls = 0;
  await using started = await running(
    `(import "env" "fail" (func $f (result i32))) (start $s) (func $s (if (call $f) (then unreachable)))
     (func (export "a") (result i32) i32.const 1)`,
    { offers: { "env.fail()->i32": () => calls++ === 1 ? 1 : 0 } },
  );
  const { sandbox } = started;
  assertEquals(await sandbox.call("a"), 1);
  await assertRejects(() => sandbox.reset(), TrapError);
  assertEquals((await assertRejects(() => sandbox.call("a"), AegisError)).code, "ModuleNotLoaded");
  await started.load('(func (export "b") (result i32) i32.const 2)');
  assertEquals(await sandbox.call("b"), 2);
});

Deno.test("reset() of several modules links them anew", async () => {
  await using started = await start();
  const { sandbox } = started;
  await started.load(
    `(global $g (export "g") (mut i32) (i32.const 1)) (func (export "up") (global.set $g (i32.const 9)))`,
    "a",
  );
  await started.load(`(import "a" "g" (global $g (mut i32))) (import "a" "up" (func $up))
    (func (export "up") (call $up)) (func (export "g") (result i32) (global.get $g))`);
  await sandbox.call("up");
  assertEquals(await sandbox.call("g"), 9);
  await sandbox.reset();
  assertEquals(await sandbox.call("g"), 1);
});

Deno.test("reset() of an empty sandbox does nothing", async () => {
  await using started = await start();
  await started.sandbox.reset();
  await started.load(COUNT);
  assertEquals(await started.sandbox.call("count", [2]), 2);
  assert(started.sandbox.metrics().calls === 1);
});
