/** Events whose source is not the sandbox's own thread: brokers, guests in processes, runs without a sandbox of one's own. */
import { Aegis, type AegisEvent, CollectingSubscriber, FilesystemCapability, tryRun } from "../../mod.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals } from "../assert.ts";

const CAT = "tests/programs/wasm/cat.wasm";

Deno.test("a subscriber from the beginning hears of what the files broker allows and denies", async () => {
  const collected = new CollectingSubscriber({ types: ["capability_checked"] });
  const runtime = await Aegis.create({ capabilities: [FilesystemCapability.readOnly(["examples"])] });
  const sandbox = await runtime.sandbox({
    args: ["cat", "examples/simple.wat"],
    subscribers: [collected],
  }).build();
  await sandbox.loadModule(await runtime.loadFile(CAT));
  await sandbox.run();
  sandbox.revoke("filesystem");
  await sandbox.reset();
  await sandbox.run();
  await runtime.close();
  const events = collected.ofType("capability_checked");
  assert(
    events.some(({ allowed, target }) => allowed && target.endsWith("simple.wat")),
    JSON.stringify(events),
  );
  assert(events.some(({ allowed }) => !allowed), JSON.stringify(events));
  assert(events.every((event) => event.sandbox === sandbox.id && event.capability === "filesystem"));
});

Deno.test("brokers tell of denials alone where nobody listened when the sandbox started", async () => {
  const collected = new CollectingSubscriber({ types: ["capability_checked"] });
  const runtime = await Aegis.create({ capabilities: [FilesystemCapability.readOnly(["examples"])] });
  const sandbox = await runtime.sandbox({
    args: ["cat", "examples/simple.wat"],
  }).build();
  await sandbox.loadModule(await runtime.loadFile(CAT));
  runtime.events.subscribe(collected);
  await sandbox.run();
  sandbox.revoke("filesystem");
  await sandbox.reset();
  await sandbox.run();
  await runtime.close();
  const allowed = collected.ofType("capability_checked").map((event) => event.allowed);
  assertEquals([allowed.includes(true), allowed.includes(false)], [false, true]);
});

Deno.test("a guest in a process tells the same, with the same fuel", async () => {
  const fields = `(module (import "env" "host" (func $host (param i32) (result i32))) (memory 1 8)
    (func (export "f") (param i32) (result i32)
      (drop (memory.grow (i32.const 1))) (call $host (local.get 0))))`;
  const told: Record<string, unknown[]> = {};
  for (const isolation of ["worker", "process"] as const) {
    const events: AegisEvent[] = [];
    await using runtime = await Aegis.create({ isolation, subscribers: [(event) => events.push(event)] });
    const sandbox = await runtime.sandbox().build();
    sandbox.registerFunc("env", "host", { params: ["i32"], results: ["i32"] }, (value) => value);
    await sandbox.loadModule(await runtime.loadBytes(compileText(fields)));
    await sandbox.call("f", [1]);
    const ends = events.flatMap((event) => event.type === "execution_completed" ? [event.usage] : []);
    assertEquals(ends.length, 1);
    told[isolation] = [
      events.map(({ type }) => type),
      ends[0]?.fuelConsumed,
      ends[0]?.peakMemory,
      ends[0]?.hostCalls,
      ends[0]?.fuelConsumed === sandbox.metrics().lastCall?.fuelConsumed,
    ];
  }
  assertEquals(told.process, told.worker);
});

Deno.test("tryRun() takes subscribers", async () => {
  const seen: string[] = [];
  await tryRun(compileText('(module (func (export "f")))'), "f", [], {
    subscribers: [{ types: ["execution_completed"], onEvent: ({ type }) => seen.push(type) }],
  });
  assertEquals(seen, ["execution_completed"]);
});
