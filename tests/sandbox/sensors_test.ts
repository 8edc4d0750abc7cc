/** Sensors through the public interface: what a guest reads, and what is told of it. */
import {
  Aegis,
  AegisError,
  type AegisOptions,
  type AuditEvent,
  FilesystemCapability,
  NetworkCapability,
  type SandboxOptions,
  SensorCapability,
  TimeoutError,
} from "../../mod.ts";
import { ENGINES_HERE } from "./engines_here.ts";
import { running, start, type Started } from "./started.ts";
import { TASK_GUEST } from "./task_guest.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";

const ISOLATIONS = ["worker", "process"] as const;

function guest(capabilities: SensorCapability[], options: AegisOptions = {}): Promise<Started> {
  return running(TASK_GUEST, { capabilities, ...options });
}

async function readings({ sandbox }: Started, id: number, times: number): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let turn = 0; turn < times; turn++) values.push(await sandbox.call("read", [id]));
  return values;
}

for (const isolation of ISOLATIONS) {
  for (const engine of ENGINES_HERE) {
    Deno.test(`sensors read what they were granted to read: ${isolation}, ${engine}`, async () => {
      let turn = 0;
      await using started = await guest([
        SensorCapability.constant(0, -2147483648),
        SensorCapability.series(1, [1, 2, 3]),
        SensorCapability.series(2, [4, 5], { end: "hold" }),
        SensorCapability.read(3, () => ++turn),
        SensorCapability.read(2147483647, () => Promise.resolve(-9)),
      ], { isolation, engine });
      assertEquals(await readings(started, 0, 2), [-2147483648, -2147483648]);
      assertEquals(await readings(started, 1, 5), [1, 2, 3, 1, 2]);
      assertEquals(await readings(started, 2, 4), [4, 5, 5, 5]);
      assertEquals(await readings(started, 3, 2), [1, 2]);
      assertEquals(await readings(started, 2147483647, 1), [-9]);
      assertEquals(started.sandbox.callSync("read", [3]), 3);
      assertEquals([...await started.sandbox.callMany("read", [[1], [1]])], [[3], [1]]);
      assertEquals(started.sandbox.denials(), []);
    });
  }

  Deno.test(`a sensor that is a function goes to no broker and no guest: ${isolation}`, async () => {
    // Whoever posted it would fail: functions cannot be cloned. Brokers of every kind are there to be posted to.
    const folder = await Deno.makeTempDir({ prefix: "aegis-sensors-" });
    try {
      await using started = await running(TASK_GUEST, {
        isolation,
        capabilities: [
          SensorCapability.read(0, () => 5),
          FilesystemCapability.readOnly([folder]),
          NetworkCapability.loopback([8099]),
        ],
      });
      assertEquals(await started.sandbox.call("read", [0]), 5);
      started.sandbox.revoke("network"); // the policy is told to brokers again
      assertEquals(await started.sandbox.call("read", [0]), 5);
      started.sandbox.revoke("sensor");
      assertEquals(await started.sandbox.call("read", [0]), 0);
      await started.sandbox.reset();
      assertEquals(await started.sandbox.call("read", [0]), 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("a sensor that was not granted reads 0, and is told of with reason and flag", async () => {
  const events: AuditEvent[] = [];
  await using started = await guest([SensorCapability.constant(1, 5)], {
    onAudit: (event) => events.push(event),
  });
  const { sandbox } = started;
  assertEquals(await readings(started, 0, 2), [0, 0]);
  assertEquals(await readings(started, -1, 1), [0]);
  assertEquals(await readings(started, 1, 1), [5]);
  assertEquals(sandbox.metrics().denials, 3);
  assertEquals(sandbox.report().denials, sandbox.denials());
  assertEquals(
    sandbox.denials().map(({ capability, action, target, reason, flag }) => ({
      capability,
      action,
      target,
      reason,
      flag,
    })),
    [
      {
        capability: "sensor",
        action: "read",
        target: "0",
        reason: "no sensor grant names 0",
        flag: "--sensor 0=VALUE",
      },
      {
        capability: "sensor",
        action: "read",
        target: "-1",
        reason: "no sensor has number -1",
        flag: undefined,
      },
    ],
  );
  assertEquals(events.map(({ target, allowed }) => [target, allowed]), [
    ["0", false],
    ["0", false],
    ["-1", false],
    ["1", true],
  ]);
});

Deno.test("every sandbox, and every life of one, begins a series at its first value", async () => {
  await using runtime = await Aegis.create({ capabilities: [SensorCapability.series(0, [1, 2, 3])] });
  const module = await runtime.loadWat(`(module ${TASK_GUEST})`);
  const one = await runtime.sandbox().build(), other = await runtime.sandbox().build();
  for (const sandbox of [one, other]) {
    await sandbox.loadModule(module);
    assertEquals([await sandbox.call("read", [0]), await sandbox.call("read", [0])], [1, 2]);
  }
  await one.reset();
  assertEquals([await one.call("read", [0]), await other.call("read", [0])], [1, 3]);
});

Deno.test("a pool's guest begins a series anew for each use", async () => {
  await using runtime = await Aegis.create({ capabilities: [SensorCapability.series(0, [1, 2])] });
  const pool = runtime.pool(await runtime.loadWat(`(module ${TASK_GUEST})`), { maximum: 1 });
  assertEquals([await pool.call("read", [0]), await pool.call("read", [0])], [1, 1]);
});

Deno.test("a sandbox has the runtime's sensors, some of them, or own sources for their ids", async () => {
  await using runtime = await Aegis.create({
    capabilities: [SensorCapability.constant(0, 1), SensorCapability.read(1, () => 2)],
  });
  const module = await runtime.loadWat(`(module ${TASK_GUEST})`);
  const read = async (options: SandboxOptions) => {
    await using sandbox = await runtime.sandbox(options).build();
    await sandbox.loadModule(module);
    return [await sandbox.call("read", [0]), await sandbox.call("read", [1])];
  };
  assertEquals(await read({}), [1, 2]);
  assertEquals(await read({ capabilities: [SensorCapability.ids([1])] }), [0, 2]);
  assertEquals(
    await read({ capabilities: [SensorCapability.series(0, [7]), SensorCapability.read(1, () => 8)] }),
    [7, 8],
  );
  for (const wanted of [SensorCapability.constant(2, 1), SensorCapability.file(0, "/etc/hostname")]) {
    const error = await assertRejects(() => read({ capabilities: [wanted] }), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "sensor"]);
  }
});

Deno.test("a runtime cannot be granted sensors by their ids alone", async () => {
  const create = () => Aegis.create({ capabilities: [SensorCapability.ids([0])] });
  const error = await assertRejects(create, AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "sensor"]);
});

Deno.test("a deterministic runtime has constants and series, and refuses files and functions, in its sandboxes too", async () => {
  const changing = [SensorCapability.file(0, "/etc/hostname"), SensorCapability.read(0, () => 1)];
  for (const capability of changing) {
    const error = await assertRejects(
      () => Aegis.create({ deterministic: true, capabilities: [capability] }),
      AegisError,
    );
    assertEquals([error.code, error.field], ["InvalidOption", "deterministic"]);
  }
  await using started = await guest([SensorCapability.series(0, [3])], { deterministic: true });
  assertEquals(await started.sandbox.call("read", [0]), 3);
  const own = started.runtime.sandbox({ capabilities: [SensorCapability.read(0, () => 1)] });
  const error = await assertRejects(() => own.build(), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "deterministic"]);
});

Deno.test("a reading that is a promise is refused to callSync, and waited for by call", async () => {
  await using started = await guest([SensorCapability.read(0, () => Promise.resolve(1))]);
  const error = assertThrows(() => started.sandbox.callSync("read", [0]), AegisError);
  assertEquals(error.code, "HostFunctionFailed");
  assertEquals(await started.sandbox.call("read", [0]), 1);
});

Deno.test("what a sensor's function throws, or returns that is no i32, ends the call", async () => {
  const wrong: unknown[] = [NaN, 1e300, 0.5, 2 ** 31, "x", "5", undefined, null, 5n, {}, true];
  for (const value of wrong) {
    for (const returned of [value, Promise.resolve(value)]) {
      await using started = await guest([SensorCapability.read(0, () => returned as number)]);
      const error = await assertRejects(() => started.sandbox.call("stubborn", [0]), AegisError);
      assertEquals(error.code, "HostFunctionFailed", String(value));
      assertStringIncludes(error.message, "sensor 0");
      assertEquals(await started.sandbox.call("caught"), 0);
    }
  }
  const broken = new Error("no bus");
  for (
    const fail of [() => {
      throw broken;
    }, () => Promise.reject(broken)]
  ) {
    await using started = await guest([SensorCapability.read(0, fail)]);
    const outcome = await started.sandbox.tryCall("stubborn", [0]);
    assert(outcome.kind === "hostError" && outcome.error === broken);
  }
});

Deno.test("a sensor's function cannot call into the sandbox that waits for it", async () => {
  const holder: { started?: Started } = {};
  const reads = SensorCapability.read(0, () => holder.started?.sandbox.callSync<number>("read", [1]) ?? 0);
  await using started = await guest([reads, SensorCapability.constant(1, 1)]);
  holder.started = started;
  const error = await assertRejects(() => started.sandbox.call("read", [0]), AegisError);
  assertEquals(error.code, "Reentrant");
});

Deno.test("a reading that never comes is ended by the timeout, and by a stop", async () => {
  await using started = await guest([SensorCapability.read(0, () => new Promise<number>(() => {}))]);
  const { sandbox } = started, began = performance.now();
  await assertRejects(() => sandbox.call("read", [0], { timeout: "100ms" }), TimeoutError);
  assert(performance.now() - began < 5000);
  await sandbox.reset();
  const call = sandbox.tryCall("read", [0]);
  setTimeout(() => sandbox.stop(), 50);
  assertEquals((await call).kind, "aborted");
});

Deno.test("readings count as host calls, and end at the limit", async () => {
  await using started = await guest([SensorCapability.constant(0, 1)], {
    hostCallLimit: 1000,
    fuelLimit: "unlimited",
  });
  const outcome = await started.sandbox.tryCall("sum", [0, 1_000_000]);
  assert(outcome.kind === "limit" && outcome.limit === "hostCalls" && outcome.allowed === 1000);
  assertEquals(started.sandbox.metrics().hostCalls, 1000);
  await using more = await guest([SensorCapability.series(0, [1, 2])], { hostCallLimit: 20_000 });
  assertEquals(more.sandbox.callSync("sum", [0, 20_000]), 30_000n);
});

Deno.test("where a series stands is in a snapshot", async () => {
  const capabilities = [SensorCapability.series(0, [10, 20, 30, 40])];
  let snapshot: Uint8Array;
  {
    await using started = await guest(capabilities, { engine: "interpreter" });
    assertEquals(await readings(started, 0, 2), [10, 20]);
    snapshot = await started.sandbox.snapshot();
    assertEquals(await readings(started, 0, 1), [30]);
  }
  await using runtime = await Aegis.create({ engine: "interpreter", capabilities });
  await using restored = await runtime.restore(snapshot);
  assertEquals([await restored.call("read", [0]), await restored.call("read", [0])], [30, 40]);
});

Deno.test("a snapshot in mid-call goes on with the next value of a series", async () => {
  const capabilities = [SensorCapability.series(0, [1, 2, 3])], times = 3000, sum = 2n * BigInt(times);
  const options = {
    engine: "interpreter",
    capabilities,
    fuelLimit: "unlimited",
    hostCallLimit: 100_000,
  } as const;
  await using started = await start(options);
  await started.load(TASK_GUEST);
  const call = started.sandbox.call("sum", [0, times]);
  const snapshots = [await started.sandbox.snapshot(), await started.sandbox.snapshot()];
  assertEquals(await call, sum);
  for (const snapshot of snapshots) {
    await using runtime = await Aegis.create(options);
    await using restored = await runtime.restore(snapshot);
    assertEquals<unknown>(await restored.continueCall(), sum);
  }
});
