/** Guests that misuse the guest ABI: wild pointers, floods, readings without end, numbers that no honest guest sends. */
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { residentMemory, withTicks } from "../process_facts.ts";
import { running } from "../../sandbox/started.ts";
import { ENGINES_HERE } from "../../sandbox/engines_here.ts";
import { TASK_GUEST } from "../../sandbox/task_guest.ts";
import { Aegis, AegisError, AlertCapability, type AuditEvent, SensorCapability } from "../../../mod.ts";
import { mergeGrants } from "../../../src/policy/policy.ts";
import { ERRNO } from "../../../src/protocol/errno.ts";
import { SandboxIo } from "../../../src/sandbox/sandbox_io.ts";

const PAGE = 65_536, HUGE = -1; // 2^32-1

for (const engine of ENGINES_HERE) {
  // Fails while what lies outside is dropped, cut, or read all the same.
  Deno.test(`B14 an alert that lies outside the memory traps, and no handler catches it: ${engine}`, async () => {
    const guest = `${TASK_GUEST}
      (func (export "handled") (param i32 i32)
        (block $handler (try_table (catch_all $handler)
          (call $alert (local.get 0) (local.get 1) (i32.const 1)) (return)))
        (global.set $caught (i32.const 1)))`;
    await using started = await running(guest, { engine, capabilities: [AlertCapability.all()] });
    const { sandbox } = started;
    const outside: [number, number][] = [[0, HUGE], [HUGE, HUGE], [HUGE, 1], [PAGE, 1], [PAGE - 1, 2], [
      1,
      PAGE,
    ]];
    for (const [pointer, length] of outside) {
      const outcome = await sandbox.tryCall("handled", [pointer, length]);
      assert(
        outcome.kind === "trap" && outcome.trap === "memoryOutOfBounds",
        `${pointer} ${length}: ${outcome.kind}`,
      );
      assert(outcome.frames.length > 0);
    }
    const batch = await sandbox.callMany("handled", [[0, 1], [0, HUGE], [0, 1]]);
    assertEquals([batch.length, batch.end?.kind], [1, "trap"]);
    await sandbox.call("handled", [PAGE, 0]);
    await sandbox.call("handled", [PAGE - 1, 1]);
    assertEquals([sandbox.alerts().map(({ message }) => message.length), await sandbox.call("caught")], [[
      1,
      0,
      1,
    ], 0]);
  });
}

Deno.test("B14 a module without a memory cannot send an alert", async () => {
  await using started = await running(
    `(import "env" "send_alert" (func $alert (param i32 i32 i32)))
     (func (export "f") (call $alert (i32.const 0) (i32.const 1) (i32.const 1)))`,
    { capabilities: [AlertCapability.all()] },
  );
  assertEquals((await started.sandbox.tryCall("f")).kind, "trap");
  assertEquals(started.sandbox.alerts(), []);
});

Deno.test("D37 a memory full of text in one alert is cut before it is copied", async () => {
  await using started = await running(TASK_GUEST.replace('"memory") 1', '"memory") 1000'), {
    capabilities: [AlertCapability.all({ maxMessage: "1GiB" })],
  });
  await started.sandbox.call("alert", [0, 1000 * PAGE, 1]);
  assertEquals(started.sandbox.alerts().map(({ message }) => message.length <= 65_536), [true]);
});

// Fails while every alert is kept, or every refusal.
Deno.test("D37 a guest that sends alerts without end fills no memory and stops no event loop", async () => {
  for (
    const capabilities of [[AlertCapability.all({ rate: 1_000_000, maxMessage: "64KiB", keep: 10 })], []]
  ) {
    await using started = await running(
      `(import "env" "send_alert" (func $alert (param i32 i32 i32))) (memory 1)
       (func (export "run") (param $id i32) (loop $again
         (call $alert (i32.const 0) (i32.const 8192) (i32.and (local.get $id) (i32.const 3)))
         (call $alert (i32.const 0) (i32.const 8192) (local.tee $id (i32.add (local.get $id) (i32.const 1))))
         (br $again)))`,
      { capabilities, fuelLimit: "unlimited", timeout: 1000, hostCallLimit: 10_000_000 },
    );
    const before = residentMemory();
    const { result, stall } = await withTicks(() => started.sandbox.tryCall("run", [0]));
    assertEquals(result.kind, "limit");
    assert(started.sandbox.alerts().length <= 10 && started.sandbox.denials().length <= 100);
    assert(residentMemory() - before < 150);
    assert(stall < 500, `the event loop stood still for ${stall} ms`);
  }
});

Deno.test("C25 a guest that reads every sensor there could be is ended by its limit", async () => {
  await using started = await running(
    `(import "env" "read_sensor" (func $read (param i32) (result i32)))
     (func (export "run") (param $id i32) (loop $again
       (drop (call $read (local.tee $id (i32.add (local.get $id) (i32.const 1)))))
       (br $again)))`,
    { capabilities: [SensorCapability.constant(0, 1)], fuelLimit: "unlimited", hostCallLimit: 5000 },
  );
  for (const from of [-2500, 2147483000]) {
    const outcome = await started.sandbox.tryCall("run", [from]);
    assert(outcome.kind === "limit" && outcome.limit === "hostCalls");
    assertEquals(started.sandbox.denials().length, 100);
    await started.sandbox.reset();
  }
});

Deno.test("C25 a million readings in one call give a million values, or end in time", async () => {
  await using started = await running(TASK_GUEST, {
    capabilities: [SensorCapability.series(0, [1, 2, 3])],
    fuelLimit: "unlimited",
    hostCallLimit: 2_000_000,
    timeout: "20s",
  });
  const outcome = started.sandbox.tryCallSync("sum", [0, 1_000_000]);
  if (outcome.kind === "value") assertEquals<unknown>(outcome.values, [1_999_999n]);
  else assert(outcome.kind === "limit" && outcome.limit === "time", outcome.kind);
});

Deno.test("C25 a sensor that blocks the host's thread is out of time when it returns", async () => {
  await using runtime = await Aegis.create({
    timeout: 100,
    capabilities: [SensorCapability.read(0, () => {
      for (const until = performance.now() + 200; performance.now() < until;);
      return 1;
    })],
  });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(`(module ${TASK_GUEST})`));
  const began = performance.now(), outcome = await sandbox.tryCall("sum", [0, 1_000_000]);
  assert(outcome.kind === "limit" && outcome.limit === "time", outcome.kind);
  assert(performance.now() - began < 1500, `${performance.now() - began} ms`);
});

/** The host's side, asked by who need not keep to what our program does in the guest's thread. */
function forged(): { readonly io: SandboxIo; readonly events: AuditEvent[] } {
  const events: AuditEvent[] = [],
    policy = mergeGrants([
      SensorCapability.series(0, [5, 6]),
      SensorCapability.series(1, [5, 6], { end: "hold" }),
      AlertCapability.atLevel("error"),
    ]);
  const io = new SandboxIo({}, {
    sandbox: "one",
    outputSize: 100,
    frameSize: 65_600,
    pooled: false,
    policy: () => policy,
    audit: (event) => events.push(event),
    alerted: () => {},
  });
  return { io, events };
}

Deno.test("G53 a forged count of readings reads the series, or nothing", async () => {
  const { io } = forged();
  for (const id of [0, 1]) {
    for (const reading of [NaN, -1, 0.5, Infinity, 2 ** 53]) {
      assertEquals(await io.operations.perform("readSensor", { id, reading }), { errno: ERRNO.inval });
    }
    const answer = await io.operations.perform("readSensor", { id, reading: 2 ** 53 - 1 });
    assertEquals(answer, { errno: ERRNO.success, reply: { value: 6 } });
  }
  assertEquals(
    (await io.operations.perform("readSensor", { id: 2 ** 32 - 1, reading: 0 })).errno,
    ERRNO.notcapable,
  );
});

Deno.test("G53 a forged alert is refused by its level, and its target is no longer than a number", async () => {
  const { io, events } = forged();
  for (const level of [4, 2 ** 32 - 1]) {
    assertEquals(await io.operations.perform("sendAlert", { level, message: "x" }), { errno: ERRNO.inval });
  }
  assertEquals(
    (await io.operations.perform("sendAlert", { level: 0, message: "x" })).errno,
    ERRNO.notcapable,
  );
  assertEquals(events.map(({ target, allowed }) => [target, allowed]), [["4", false], ["-1", false], [
    "info",
    false,
  ]]);
  assertEquals(io.alerts.kept, []);
});

Deno.test("F51 revoking ends readings and alerts at once", async () => {
  await using started = await running(TASK_GUEST, {
    capabilities: [SensorCapability.constant(0, 5), AlertCapability.all()],
  });
  const { sandbox } = started;
  assertEquals(await sandbox.call("read", [0]), 5);
  sandbox.revoke("sensor");
  sandbox.revoke("alert");
  assertEquals(await sandbox.call("read", [0]), 0);
  await sandbox.call("alert", [0, 7, 3]);
  assertEquals(sandbox.alerts(), []);
  const error = assertThrows(() => sandbox.revoke("sensors" as "sensor"), AegisError);
  assertEquals(error.code, "InvalidOption");
});
