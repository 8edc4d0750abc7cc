import { readTaskGrants, type TaskGrants, taskPolicy } from "../../src/tasks/task_grants.ts";
import {
  AegisError,
  AlertCapability,
  ClockCapability,
  FilesystemCapability,
  LoggingCapability,
  mergeGrants,
  SensorCapability,
} from "../../mod.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { TaskRig } from "./task_rig.ts";

const CAPABILITIES = [
  LoggingCapability.all(),
  AlertCapability.all(),
  ClockCapability.all(),
  SensorCapability.constant(0, 95),
  SensorCapability.series(1, [1, 2, 3]),
  FilesystemCapability.readOnly(["."]),
];

const RUNTIME = mergeGrants(CAPABILITIES);

/** Reads a sensor, warns of it, logs, and gives the reading. */
const WATCH = `(import "env" "read_sensor" (func $read (param i32) (result i32)))
  (import "env" "log" (func $log (param i32 i32)))
  (import "env" "send_alert" (func $alert (param i32 i32 i32)))
  (memory (export "memory") 1) (data (i32.const 0) "hot")
  (func (export "main") (param $sensor i32) (result i32)
    (call $log (i32.const 0) (i32.const 3))
    (call $alert (i32.const 0) (i32.const 3) (i32.const 3))
    (call $read (local.get $sensor)))`;

/** What a task that watches comes to. */
async function watch(
  options: { policy?: "permissive" | "sandbox" | "strict"; grants?: TaskGrants; sensor?: number },
) {
  await using rig = await TaskRig.open({ runtime: { capabilities: CAPABILITIES } });
  const { sensor = 0, ...rest } = options, id = await rig.started(WATCH, { args: [sensor], ...rest });
  await rig.tasks.ended(id);
  const [execution] = rig.tasks.executions({ task: id }).items;
  assert(execution !== undefined);
  const log = rig.tasks.log(execution.id).lines.map(({ source, text }) => `${source}: ${text}`);
  const alerts = rig.events.flatMap((event) =>
    event.type === "alert" ? [`${event.level} ${event.message}`] : []
  );
  return { results: execution.results, outcome: execution.outcome, denials: execution.denials, log, alerts };
}

Deno.test("a permissive task gets what the runtime grants, and tells of its alerts", async () => {
  assertEquals(await watch({}), {
    results: "[95]",
    outcome: "value",
    denials: 0,
    log: ["log: hot", "alert: hot"],
    alerts: ["critical hot"],
  });
});

Deno.test("F46 a strict task gets what is listed for it, and ends with the first thing it is denied", async () => {
  const { outcome, denials, log } = await watch({ policy: "strict" });
  assertEquals([outcome, denials], ["CapabilityDenied", 1]);
  assert(log.length === 1 && log[0]?.startsWith("denial: logging"), log.join());
  const grants: TaskGrants = { logging: "info", alerts: "error", sensors: { 0: "runtime" } };
  assertEquals((await watch({ policy: "strict", grants })).results, "[95]");
});

Deno.test("what is listed takes the place of the runtime's grants of its kind, and is recorded where it is missing", async () => {
  const { results, denials, log } = await watch({ grants: { sensors: { 1: "runtime" } } });
  assertEquals([results, denials], ["[0]", 1]);
  assert(log.some((line) => line.startsWith("denial: sensor")), log.join());
  assertEquals((await watch({ grants: { sensors: { 1: 7 } }, sensor: 1 })).results, "[7]");
  assertEquals((await watch({ grants: { sensors: { 1: [8, 9] } }, sensor: 1 })).results, "[8]");
});

Deno.test("taskPolicy() of each preset: all, the guest ABI alone, nothing", () => {
  const of = (policy: "permissive" | "sandbox" | "strict", grants: TaskGrants = {}) => {
    const { capabilities, onDenial } = taskPolicy({ policy, grants }, RUNTIME),
      merged = mergeGrants(capabilities);
    return [
      merged.filesystem.length,
      merged.clock !== undefined,
      merged.logging !== undefined,
      merged.sensor.length,
      onDenial,
    ];
  };
  assertEquals(of("permissive"), [1, true, true, 2, "continue"]);
  assertEquals(of("sandbox"), [0, false, true, 2, "continue"]);
  assertEquals(of("strict"), [0, false, false, 0, "stop"]);
  assertEquals(of("strict", { clock: true }), [0, true, false, 0, "stop"]);
});

Deno.test("F46 grants that are more than the runtime's, or of the wrong form, are refused where the task is made", async () => {
  await using rig = await TaskRig.open({ runtime: { capabilities: [LoggingCapability.atLevel("warn")] } });
  const { hash } = await rig.tasks.addModule(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const refused = (grants: unknown, policy = "permissive") => {
    const options = { name: "greedy", grants: grants as TaskGrants, policy: policy as "strict" };
    const error = assertThrows(() => rig.tasks.create(hash, options), AegisError);
    assertEquals(error.code, "InvalidOption", JSON.stringify(grants));
  };
  for (
    const grants of [
      { read: ["/etc"] },
      { write: ["/tmp"] },
      { net: ["example.com"] },
      { clock: true },
      { random: true },
      { env: ["HOME"] },
      { logging: "debug" },
      { alerts: "info" },
      { sensors: { 0: 1 } },
    ]
  ) refused(grants);
  const wrong = [
    { read: "/etc" },
    { read: [1] },
    { read: Array(101).fill("/a") },
    { logging: "loud" },
    { alerts: "__proto__" },
    { sensors: [1] },
    { sensors: { x: 1 } },
    { sensors: { 0: 1.5 } },
    { sensors: { 0: "other" } },
    { sensors: { 0: [1, "2"] } },
    { clock: "yes" },
    { files: [] },
    null,
  ];
  for (const grants of wrong) refused(grants);
  refused({}, "lenient");
  rig.tasks.create(hash, { name: "modest", grants: { logging: "error" } });
});

Deno.test("readTaskGrants() gives what it was given, for JSON to keep", () => {
  const grants: TaskGrants = { read: ["/data::/in"], sensors: { 3: [1, 2] }, logging: "info" };
  assertEquals(JSON.parse(JSON.stringify(readTaskGrants(grants))), grants);
});

Deno.test("G54 what one task has used up is there for the next one in the same guest", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis-tasks-" });
  try {
    const capabilities = [FilesystemCapability.full([{ host: folder, guest: "/" }])];
    await using rig = await TaskRig.open({ runtime: { capabilities, createdFiles: 1 }, tasks: { slots: 1 } });
    const maker = `(import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func $make (param i32) (result i32)
        (i32.store (i32.const 0) (local.get 0))
        (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1)
          (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)))
      (func (export "main") (param i32) (result i32 i32)
        (call $make (local.get 0)) (call $make (i32.add (local.get 0) (i32.const 1))))`;
    for (const letter of [97, 99]) {
      const id = await rig.started(maker, { args: [letter] });
      await rig.tasks.ended(id);
      assertEquals(rig.executions(id)[0]?.results, `[0,${ERRNO.dquot}]`);
      await rig.isIdle(1);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
