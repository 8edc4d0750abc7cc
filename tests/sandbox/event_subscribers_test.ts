import {
  AegisError,
  type AegisEvent,
  CollectingSubscriber,
  EVENT_TYPES,
  type EventType,
  LoggingCapability,
  LoggingSubscriber,
} from "../../mod.ts";
import { eventLine } from "../../src/sandbox/logging_subscriber.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../assert.ts";
import { running } from "./started.ts";

const FLOOD = `(import "env" "host" (func $host (param i32) (result i32)))
  (func (export "flood") (param i32)
    (loop $l (drop (call $host (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;

const HOSTED: AegisEvent = {
  type: "host_function_called",
  time: 0,
  sandbox: "00000000-0000",
  execution: 1,
  module: "env",
  name: "host",
  duration: 1,
  failed: false,
};

Deno.test("CollectingSubscriber keeps the last events of a flood, and counts the others", async () => {
  const collected = new CollectingSubscriber({ capacity: 50 });
  await using started = await running(FLOOD, {
    offers: { "env.host(i32)->i32": (value: number) => value },
    subscribers: [collected],
  });
  const before = collected.events.length;
  started.sandbox.callSync("flood", [2000]);
  assertEquals(collected.events.length, 50);
  assertEquals(collected.events.at(-1)?.type, "execution_completed");
  assert(collected.dropped >= before + 2000 - 50);
  assertEquals(collected.ofType("execution_completed").length, 1);
  collected.clear();
  assertEquals([collected.events, collected.dropped], [[], 0]);
});

Deno.test("CollectingSubscriber holds 10,000 events of a million", () => {
  const collected = new CollectingSubscriber();
  for (let count = 0; count < 1_000_000; count++) collected.onEvent({ ...HOSTED, execution: count });
  assertEquals([collected.events.length, collected.dropped], [10_000, 990_000]);
  const [first] = collected.ofType("host_function_called");
  assertEquals(first?.execution, 990_000);
  for (const capacity of [0, -1, 0.5, 1e8]) {
    assertThrows(() => new CollectingSubscriber({ capacity }), AegisError, "events: use a whole number");
  }
});

Deno.test("LoggingSubscriber writes one line for each event of its level", async () => {
  const lines: string[] = [];
  await using started = await running('(func (export "f")) (func (export "trap") unreachable)', {
    subscribers: [new LoggingSubscriber({ write: (line) => lines.push(line) })],
  });
  await started.sandbox.call("f");
  await started.sandbox.tryCall("trap");
  const id = started.sandbox.id.slice(0, 8);
  assertEquals(lines.map((line) => line.split(" ").slice(1, 3)), [
    [id, "module_loaded"],
    [id, "execution_completed"],
    [id, "error"],
    [id, "execution_completed"],
  ]);
  assertMatch(lines[0] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z \w{8} module_loaded module=[0-9a-f]{12} duration=/);
  assertMatch(lines[1] ?? "", / execution=1 function="f" outcome=value fuel=1 duration=\S.* hostCalls=0$/);
  assertMatch(lines[2] ?? "", / execution=2 code=Trap message="[^"]*unreachable[^"]*"$/);
});

Deno.test("LoggingSubscriber wants no more than its level and types write", () => {
  const types = (options: ConstructorParameters<typeof LoggingSubscriber>[0]) =>
    [...new LoggingSubscriber(options).types].sort();
  assertEquals(types({ level: "error" }), ["alert_sent", "error"]);
  assertEquals(types({ level: "warn" }), ["alert_sent", "capability_checked", "error"]);
  assertEquals(types({ level: "info", types: ["error", "fuel_consumed"] }), ["error"]);
  assertEquals(types({ level: "trace" }), (Object.keys(EVENT_TYPES) as EventType[]).sort());
  assertThrows(
    () => new LoggingSubscriber({ level: "loud" as "info" }),
    AegisError,
    '"loud": use one of error',
  );
  assertThrows(() => new LoggingSubscriber({ types: ["toString" as "error"] }), AegisError, '"toString"');
});

Deno.test("LoggingSubscriber at level warn writes what was denied, and not what was allowed", async () => {
  const lines: string[] = [];
  const log = `(import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
    (func (export "say") (call $log (i32.const 0) (i32.const 5)))`;
  await using started = await running(log, {
    capabilities: [LoggingCapability.all()],
    subscribers: [new LoggingSubscriber({ level: "warn", write: (line) => lines.push(line) })],
  });
  await started.sandbox.call("say");
  started.sandbox.revoke("logging");
  await started.sandbox.call("say");
  assertEquals(lines.length, 1);
  assertMatch(
    lines[0] ?? "",
    / capability_checked denied capability="logging" action="log" target="info" reason="/,
  );
});

Deno.test("no line has an escape sequence or a second line, whatever a guest or a module chose", async () => {
  const EVIL = "\x1b[2J\n\r\x9b31m\u202e\u2028evil\x00\x7f";
  const lines: string[] = [];
  await using started = await running('(func (export "ok"))', {
    subscribers: [new LoggingSubscriber({ level: "trace", write: (line) => lines.push(line) })],
  });
  const { sandbox, runtime } = started;
  const text = [...new TextEncoder().encode(EVIL)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`)
    .join("");
  sandbox.registerFunc(EVIL, EVIL, { params: [], results: [] }, () => {
    throw new Error(EVIL);
  });
  const module = await runtime.loadWat(
    `(module (import "${text}" "${text}" (func $h)) (func (export "${text}") (call $h)))`,
    { name: EVIL },
  );
  await sandbox.loadModule(module, { name: EVIL });
  await sandbox.tryCall(EVIL);
  const checked = { type: "capability_checked", time: 0, sandbox: sandbox.id, allowed: false } as const;
  lines.push(eventLine({ ...checked, capability: EVIL, action: EVIL, target: EVIL, reason: EVIL, count: 3 }));
  const all = lines.join("\n");
  for (
    const type of [
      "module_loaded",
      "host_function_called",
      "execution_completed",
      "error",
      "capability_checked",
    ]
  ) {
    assert(lines.some((line) => line.includes(` ${type} `) && line.includes("evil")), type);
  }
  for (const line of lines) {
    // deno-lint-ignore no-control-regex -- control characters are the matter of this test
    assert(!/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/.test(line), JSON.stringify(line));
  }
  assert(!all.includes("\x1b"));
});
