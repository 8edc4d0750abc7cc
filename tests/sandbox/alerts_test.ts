/** Alerts through the public interface: who gets them, and how many. */
import {
  Aegis,
  AegisError,
  type Alert,
  AlertCapability,
  CollectingSubscriber,
  LoggingSubscriber,
  SensorCapability,
  tryRun,
} from "../../mod.ts";
import { ENGINES_HERE } from "./engines_here.ts";
import { running } from "./started.ts";
import { TASK_GUEST } from "./task_guest.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";

const EXAMPLE = "examples/alert.wat";

for (const isolation of ["worker", "process"] as const) {
  for (const engine of ENGINES_HERE) {
    Deno.test(`alerts are kept with their levels, in order: ${isolation}, ${engine}`, async () => {
      await using started = await running(TASK_GUEST, {
        isolation,
        engine,
        capabilities: [AlertCapability.all()],
      });
      const { sandbox } = started;
      for (const level of [0, 1, 2, 3]) await sandbox.call("alert", [0, 7, level]);
      assertEquals(sandbox.alerts().map(({ level, message }) => [level, message]), [
        ["info", "too hot"],
        ["warning", "too hot"],
        ["error", "too hot"],
        ["critical", "too hot"],
      ]);
      const [first] = sandbox.alerts();
      assertEquals([first?.sandbox, first?.truncated], [sandbox.id, false]);
      assert(Math.abs((first?.time ?? 0) - Date.now()) < 60_000);
      assertEquals(sandbox.report().alerts, sandbox.alerts());
      assertEquals(sandbox.report().toJSON().alerts.length, 4);
      assertStringIncludes(sandbox.report().toText(), '4 alerts\n  info      "too hot"');
      await sandbox.reset();
      assertEquals(sandbox.alerts(), []);
    });
  }
}

Deno.test("onAlert takes alerts, and none is kept then", async () => {
  const taken: Alert[] = [];
  await using runtime = await Aegis.create({ capabilities: [AlertCapability.all()] });
  await using sandbox = await runtime.sandbox({ onAlert: (alert) => taken.push(alert) }).build();
  await sandbox.loadModule(await runtime.loadWat(`(module ${TASK_GUEST})`));
  await sandbox.call("alert", [0, 3, 1]);
  assertEquals([taken.map(({ level, message }) => [level, message]), sandbox.alerts()], [
    [["warning", "too"]],
    [],
  ]);
  const wrong = runtime.sandbox({ onAlert: 5 as unknown as () => void });
  const error = await assertRejects(() => wrong.build(), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "onAlert"]);
});

Deno.test("what onAlert throws ends the call", async () => {
  await using runtime = await Aegis.create({ capabilities: [AlertCapability.all()] });
  const broken = new Error("no pager");
  const onAlert = () => {
    throw broken;
  };
  await using sandbox = await runtime.sandbox({ onAlert }).build();
  await sandbox.loadModule(await runtime.loadWat(`(module ${TASK_GUEST})`));
  const outcome = await sandbox.tryCall("alert", [0, 7, 1]);
  assert(outcome.kind === "hostError" && outcome.error === broken);
});

Deno.test("an alert is an event, told to subscribers, and a line of a log at its level", async () => {
  const lines: string[] = [], collected = new CollectingSubscriber({ types: ["alert_sent"] });
  await using started = await running(TASK_GUEST, {
    capabilities: [AlertCapability.all({ maxMessage: "64KiB" })],
    subscribers: [collected, new LoggingSubscriber({ level: "warn", write: (line) => lines.push(line) })],
  });
  const { sandbox } = started;
  await sandbox.call("alert", [0, 7, 3]);
  await sandbox.call("alert", [0, 7, 0]); // below the level of the log
  await sandbox.call("alert", [0, 60_000, 1]);
  const events = collected.ofType("alert_sent");
  assertEquals(events.map(({ level, execution, sandbox: id }) => [level, execution, id === sandbox.id]), [
    ["critical", 1, true],
    ["info", 2, true],
    ["warning", 3, true],
  ]);
  assertEquals(events[0]?.message, "too hot");
  assert((events[2]?.message.length ?? 0) <= 1025);
  assertEquals(lines.length, 2);
  assertStringIncludes(lines[0] ?? "", 'alert_sent execution=1 level=critical message="too hot"');
});

Deno.test("an alert below the level that was granted is refused and told of", async () => {
  await using started = await running(TASK_GUEST, { capabilities: [AlertCapability.atLevel("error")] });
  const { sandbox } = started;
  for (const level of [0, 1, 2, 3]) await sandbox.call("alert", [0, 7, level]);
  assertEquals(sandbox.alerts().map(({ level }) => level), ["error", "critical"]);
  assertEquals(
    sandbox.denials().map(({ capability, action, target, flag }) => [capability, action, target, flag]),
    [
      ["alert", "send", "info", "--allow-alert=info"],
      ["alert", "send", "warning", "--allow-alert=warning"],
    ],
  );
});

Deno.test("a level that there is none of is refused and told of", async () => {
  await using started = await running(TASK_GUEST, { capabilities: [AlertCapability.all()] });
  const { sandbox } = started, levels = [4, -1, 2147483647, -2147483648];
  for (const level of levels) await sandbox.call("alert", [0, 7, level]);
  assertEquals(sandbox.alerts(), []);
  assertEquals(
    sandbox.denials().map(({ target, reason, flag }) => [target, reason, flag]),
    levels.map((level) => [
      String(level),
      "no level of alerts has that number: 0 to 3 are",
      undefined,
    ]),
  );
});

Deno.test("without a grant alerts are dropped and told of, and the guest goes on", async () => {
  await using started = await running(TASK_GUEST);
  await started.sandbox.call("alert", [0, 7, 3]);
  assertEquals(started.sandbox.alerts(), []);
  assertEquals(started.sandbox.denials().map(({ reason, flag }) => [reason, flag]), [
    ["no alert grant", "--allow-alert"],
  ]);
  assertEquals(started.sandbox.metrics().denials, 1);
});

Deno.test("a message above its size is cut between two characters", async () => {
  await using started = await running(
    `${TASK_GUEST} (data (i32.const 100) "h\\c3\\a4t")`,
    { capabilities: [AlertCapability.all({ maxMessage: 2 })] },
  );
  await started.sandbox.call("alert", [100, 4, 0]);
  assertEquals(started.sandbox.alerts().map(({ message, truncated }) => [message, truncated]), [["h", true]]);
});

Deno.test("alerts above the rate are dropped and told of; the last ones are kept, as many as were granted", async () => {
  await using started = await running(TASK_GUEST, {
    fuelLimit: "unlimited",
    capabilities: [AlertCapability.all({ rate: 1_000_000, keep: 5 })],
  });
  started.sandbox.callSync("flood", [50]);
  assertEquals(started.sandbox.alerts().length, 5);
  await using slow = await running(TASK_GUEST, { capabilities: [AlertCapability.all({ rate: 2 })] });
  slow.sandbox.callSync("flood", [500]);
  const taken = slow.sandbox.alerts().length, { denials } = slow.sandbox.metrics();
  assert(taken >= 2 && taken <= 10, `${taken}`); // two in each second that it takes
  assertEquals(taken + denials, 500);
  assertEquals(slow.sandbox.denials().map(({ reason, flag }) => [reason, flag]), [
    ["more than 2 alerts in a second", undefined],
  ]);
});

Deno.test("a guest of a pool has its alerts, until it is reset", async () => {
  await using runtime = await Aegis.create({ capabilities: [AlertCapability.all()] });
  const pool = runtime.pool(await runtime.loadWat(`(module ${TASK_GUEST})`), { maximum: 1 });
  for (let use = 0; use < 2; use++) {
    await using lease = await pool.acquire();
    await lease.sandbox.call("alert", [0, 7, 1]);
    assertEquals(lease.sandbox.alerts().length, 1);
  }
});

Deno.test("tryRun() reports the alerts of a run, unless onAlert takes them", async () => {
  const capabilities = [SensorCapability.constant(0, 90), AlertCapability.all()], taken: Alert[] = [];
  const report = await tryRun(EXAMPLE, "main", [], { capabilities });
  assertEquals(report.alerts.map(({ level, message }) => [level, message]), [[
    "error",
    "temperature is too high",
  ]]);
  const other = await tryRun(EXAMPLE, "main", [], { capabilities, onAlert: (alert) => taken.push(alert) });
  assertEquals([other.alerts.length, taken.length], [0, 1]);
});
