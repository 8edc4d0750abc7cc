import {
  AegisError,
  type AegisEvent,
  type AegisOptions,
  LoggingCapability,
  type Sandbox,
} from "../../mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { COUNT, running, start } from "./started.ts";
import { FIELDS, heard, OFFERS, ofType, PAGE, types } from "./heard_events.ts";

for (const blocking of [false, true]) {
  const driver = blocking ? "callSync()" : "call()";
  const call = async (sandbox: Sandbox, name: string, args: number[] = []) =>
    blocking ? sandbox.tryCallSync(name, args) : await sandbox.tryCall(name, args);

  Deno.test(`${driver} tells where it begins and ends, in order, with what it used`, async () => {
    await using started = await running(FIELDS, OFFERS);
    const { sandbox } = started, began = Date.now();
    await sandbox.call("count", [1]);
    const events = heard(sandbox);
    await call(sandbox, "count", [10]);
    assertEquals(types(events), ["execution_started", "fuel_consumed", "execution_completed"]);
    const [first] = ofType(events, "execution_started"), [last] = ofType(events, "execution_completed");
    const [fuel] = ofType(events, "fuel_consumed");
    assert(first !== undefined && last !== undefined && fuel !== undefined);
    assertEquals([first.function, first.execution, first.rows, first.sandbox], [
      "count",
      2,
      undefined,
      sandbox.id,
    ]);
    assert(first.time >= began && first.time <= Date.now());
    assertEquals([last.function, last.execution, last.outcome], ["count", 2, "value"]);
    const { lastCall, fuelConsumed } = sandbox.metrics();
    assert(lastCall !== undefined);
    assertEquals({ ...last.usage, duration: 0, cpuTime: 0 }, { ...lastCall, duration: 0, cpuTime: 0 });
    assert(last.usage.duration > 0 && last.usage.fuelConsumed > 0n);
    assertEquals([fuel.units, fuel.total], [lastCall.fuelConsumed, fuelConsumed]);
  });

  Deno.test(`${driver} tells of host functions, growths and fuel where they happen`, async () => {
    await using started = await running(FIELDS, OFFERS);
    const events = heard(started.sandbox);
    await call(started.sandbox, "grow_and_call", [7]);
    assertEquals(types(events), [
      "execution_started",
      "memory_grew",
      "fuel_consumed",
      "host_function_called",
      "memory_grew",
      "fuel_consumed",
      "execution_completed",
    ]);
    const growths = ofType(events, "memory_grew").map(({ from, to, execution }) => [from, to, execution]);
    assertEquals(growths, [[PAGE, 2 * PAGE, 1], [2 * PAGE, 4 * PAGE, 1]]);
    const [hosted] = ofType(events, "host_function_called"), [end] = ofType(events, "execution_completed");
    assert(hosted !== undefined && end !== undefined);
    assertEquals([hosted.module, hosted.name, hosted.execution, hosted.failed], ["env", "host", 1, false]);
    assert(hosted.duration >= 0);
    const units = ofType(events, "fuel_consumed").reduce((sum, event) => sum + event.units, 0n);
    assertEquals(units, end.usage.fuelConsumed);
  });

  Deno.test(`${driver} tells of an error for an outcome that is none, with the code that is thrown`, async () => {
    await using started = await running(FIELDS, OFFERS);
    const events = heard(started.sandbox);
    await call(started.sandbox, "trap");
    const [end] = ofType(events, "execution_completed"), errors = ofType(events, "error");
    assertEquals([end?.outcome, errors.length], ["trap", 1]);
    assertEquals([errors[0]?.code, errors[0]?.execution], ["Trap", 1]);
    assertMatch(errors[0]?.message ?? "", /unreachable/);
    assertEquals(types(events).slice(-2), ["error", "execution_completed"]);
  });

  Deno.test(`${driver} tells of a host function that fails, and of the error that it threw`, async () => {
    await using started = await running(FIELDS, {
      offers: {
        "env.host(i32)->i32": () => {
          throw new RangeError("\x1b[31mred");
        },
      },
    });
    const events = heard(started.sandbox);
    await call(started.sandbox, "one", [1]);
    const [hosted] = ofType(events, "host_function_called"), [error] = ofType(events, "error");
    assertEquals([hosted?.failed, error?.code, error?.message], [true, "HostFunctionFailed", "\x1b[31mred"]);
    assertEquals(started.sandbox.hostFunctions()[0]?.calls, 1);
  });

  Deno.test(`${driver} tells of misuse once, without a call that never began`, async () => {
    await using started = await running(FIELDS, { ...OFFERS, frameSize: "64KiB" });
    const { sandbox } = started, events = heard(sandbox);
    const misuse = async (work: () => unknown) => await assertRejects(async () => await work(), AegisError);
    if (blocking) await misuse(() => sandbox.callSync("conut", [1]));
    else await misuse(() => sandbox.call("conut", [1]));
    await new Promise((resolve) => setTimeout(resolve));
    const [error] = ofType(events, "error");
    assertEquals([types(events), error?.code, error?.execution], [["error"], "FunctionNotFound", undefined]);
    assert(error !== undefined && !("execution" in error));
  });

  Deno.test(`${blocking ? "callManySync()" : "callMany()"} is one execution with rows`, async () => {
    await using started = await running(FIELDS, { ...OFFERS, frameSize: "64KiB" });
    const { sandbox } = started, events = heard(sandbox), rows = Array.from({ length: 9000 }, () => [3]);
    const batch = blocking ? sandbox.callManySync("count", rows) : await sandbox.callMany("count", rows);
    const starts = ofType(events, "execution_started"), ends = ofType(events, "execution_completed");
    assertEquals([batch.length, starts.length, ends.length, starts[0]?.rows], [9000, 1, 1, 9000]);
    const each = batch.fuel(0);
    assertEquals(ends[0]?.usage.fuelConsumed, 9000n * each, "of all batches");
  });
}

Deno.test("call() that does not fit into a frame is completed as refused, with its error once", async () => {
  const echo = `(memory (export "memory") 4)
    (func (export "aegis_alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "aegis_free") (param i32 i32))
    (func (export "take") (param i32 i32))`;
  await using started = await running(echo, { frameSize: "64KiB" });
  const events = heard(started.sandbox);
  await assertRejects(() => started.sandbox.call("take", [new Uint8Array(100_000)]), AegisError);
  await new Promise((resolve) => setTimeout(resolve));
  const [end] = ofType(events, "execution_completed");
  assertEquals(types(events), ["execution_started", "error", "execution_completed"]);
  assertEquals([end?.outcome, ofType(events, "error")[0]?.execution], ["refused", 1]);
});

Deno.test("loadModule() tells of a module with its hash and name, and of one that fails", async () => {
  await using started = await start();
  const { sandbox } = started, events = heard(sandbox);
  await started.load(COUNT, "lib");
  const module = await started.module('(import "no" "thing" (func))');
  await assertRejects(() => sandbox.loadModule(module), AegisError);
  await new Promise((resolve) => setTimeout(resolve));
  const [loaded] = ofType(events, "module_loaded");
  assertEquals(types(events), ["module_loaded", "error"]);
  assertEquals([loaded?.name, loaded?.module.length], ["lib", 64]);
  assert(started.runtime.modules.has(loaded?.module ?? ""));
  assert((loaded?.duration ?? 0) > 0);
  assertEquals(ofType(events, "error")[0]?.code, "MissingImport");
});

Deno.test("events have each decision about a capability", async () => {
  const log = `(import "env" "log" (func $info (param i32 i32))) (memory (export "memory") 1)
    (data (i32.const 0) "hello") (func (export "say") (call $info (i32.const 0) (i32.const 5)))`;
  const options: AegisOptions = { capabilities: [LoggingCapability.all()] };
  await using started = await running(log, options);
  const events = heard(started.sandbox);
  await started.sandbox.call("say");
  started.sandbox.revoke("logging");
  await started.sandbox.call("say");
  const checks = ofType(events, "capability_checked");
  assertEquals(checks.map(({ capability, action, allowed }) => [capability, action, allowed]), [
    ["logging", "log", true],
    ["logging", "log", false],
  ]);
  assertEquals([checks[0]?.sandbox, typeof checks[1]?.reason], [started.sandbox.id, "string"]);
});

Deno.test("run() and exits: a status of 0 is no error, another one is", async () => {
  const exit = (status: number) =>
    `(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
     (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const ${status})))`;
  for (const [status, codes] of [[0, []], [3, ["Exit"]]] as const) {
    await using started = await running(exit(status));
    const events = heard(started.sandbox);
    assertEquals(await started.sandbox.run(), status);
    assertEquals(ofType(events, "execution_completed")[0]?.outcome, "exit");
    assertEquals(ofType(events, "error").map(({ code }) => code), [...codes]);
  }
});

Deno.test("a call that is stopped tells of a host function that was not waited for", async () => {
  await using started = await running(FIELDS, {
    offers: { "env.host(i32)->i32": () => new Promise<number>(() => {}) },
  });
  const events = heard(started.sandbox);
  const outcome = await started.sandbox.tryCall("one", [1], { timeout: 50 });
  assertEquals(outcome.kind, "limit");
  assertEquals(ofType(events, "host_function_called").map(({ failed }) => failed), [true]);
  assertEquals(ofType(events, "error").map(({ code }) => code), ["Timeout"]);
});

Deno.test("runtime.events have those of all its sandboxes, pools included, and each one once", async () => {
  await using started = await running(COUNT);
  const { runtime, sandbox } = started, events: AegisEvent[] = [];
  runtime.events.addEventListener("execution_completed", ({ detail }) => events.push(detail));
  const own: AegisEvent[] = [];
  sandbox.events.addEventListener("execution_completed", ({ detail }) => own.push(detail));
  await sandbox.call("count", [1]);
  await using pool = runtime.pool(await started.module(COUNT));
  await pool.call("count", [1]);
  assertEquals([events.length, own.length, events[0] === own[0]], [2, 1, true]);
  assert(events[1]?.sandbox !== sandbox.id);
});

Deno.test("options and builders take subscribers, who hear all from the beginning", async () => {
  const seen: string[] = [];
  const note = (who: string) => (event: AegisEvent) => seen.push(`${who} ${event.type}`);
  await using started = await start({ subscribers: [note("runtime")] });
  const built = await started.runtime.sandbox()
    .withEventSubscriber({ types: ["module_loaded"], onEvent: note("one") })
    .withEventSubscriber({ types: ["module_loaded"], onEvent: note("two") })
    .build();
  await built.loadModule(await started.module(COUNT));
  assertEquals(seen, ["one module_loaded", "two module_loaded", "runtime module_loaded"]);
  built.callSync("count", [1]);
  assertEquals(seen.slice(3), [
    "runtime execution_started",
    "runtime fuel_consumed",
    "runtime execution_completed",
  ]);
  const error = await assertRejects(
    () =>
      started.runtime.sandbox({ subscribers: [{ types: ["nothing" as "error"], onEvent: () => {} }] })
        .build(),
    AegisError,
  );
  assertMatch(error.message, /"nothing": use one of module_loaded, /);
});
