import { AlertCapability, FilesystemCapability, SensorCapability } from "../../mod.ts";
import type { ActivityEntry } from "../../tasks.ts";
import { assert, assertEquals } from "../assert.ts";
import { TaskRig, until } from "./task_rig.ts";

/** Asks for sensors 1 and 2, sends an alert, grows its memory. */
const ASKING = `(import "env" "read_sensor" (func $read (param i32) (result i32)))
  (import "env" "send_alert" (func $alert (param i32 i32 i32)))
  (memory (export "memory") 1) (data (i32.const 0) "too hot")
  (func (export "main")
    (drop (call $read (i32.const 1))) (drop (call $read (i32.const 1))) (drop (call $read (i32.const 2)))
    (call $alert (i32.const 0) (i32.const 7) (i32.const 2))
    (drop (memory.grow (i32.const 1))) (drop (call $read (i32.const 1))))`;

/** Opens "there", and what its argument says: 0 "there" once more, 1 "made", which is to be created. */
const OPENING = `(import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "there") (data (i32.const 8) "made")
  (func $try (param $path i32) (param $length i32) (param $flags i32)
    (drop (call $open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length) (local.get $flags)
      (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 32))))
  (func (export "main") (param i32)
    (call $try (i32.const 0) (i32.const 5) (i32.const 0))
    (if (local.get 0) (then (call $try (i32.const 8) (i32.const 4) (i32.const 1)))))
  (func (export "nothing"))`;

function brief(entries: readonly ActivityEntry[]): string[] {
  return entries.map(({ kind, capability, action, target, count }) =>
    `${kind} ${capability} ${action} ${target.split("/").at(-1)} ${count}`
  );
}

Deno.test("TaskManager.activity() says what an execution asked of the host, and is gone with it", async () => {
  await using rig = await TaskRig.open({
    runtime: { capabilities: [SensorCapability.constant(1, 5), AlertCapability.atLevel("info")] },
  });
  const id = await rig.started(ASKING), before = Date.now();
  await rig.state(id, "completed");
  const [execution] = rig.executions(id), { entries, cut } = rig.tasks.activity(execution?.id ?? 0);
  assertEquals(brief(entries), [
    "call sensor read 1 3",
    "denial sensor read 2 1",
    "alert alert send error 1",
    "memory memory grow  1",
  ]);
  assertEquals([entries[2]?.detail, entries[3]?.detail, cut], ["too hot", "from 65536 to 131072 bytes", 0]);
  assert(entries.every(({ time, until }) => Math.abs(time - before) < 60_000 && until >= time));
  const denials = rig.events.filter((event) => event.type === "denial");
  assertEquals(denials.map(({ execution, target, count }) => [execution, target, count]), [[
    execution?.id,
    "2",
    1,
  ]]);
  await rig.tasks.remove(id);
  assertEquals(rig.tasks.stats().tasks, 0);
});

Deno.test("TaskManager.activity() of an execution that runs is what it has asked for so far", async () => {
  await using rig = await TaskRig.open({ runtime: { capabilities: [SensorCapability.constant(1, 5)] } });
  const id = await rig.started(`(import "env" "read_sensor" (func $read (param i32) (result i32)))
    (func (export "main") (loop (drop (call $read (i32.const 1))) (br 0)))`);
  await rig.state(id, "running");
  const execution = rig.executions(id)[0]?.id ?? 0,
    count = () => rig.tasks.activity(execution).entries[0]?.count ?? 0;
  await until(() => count() > 10 ? true : undefined, () => `${count()} readings`);
  const seen = count();
  rig.tasks.stop(id);
  await rig.tasks.ended(id);
  assert(count() >= seen, "what was told is kept");
  assertEquals(rig.tasks.activity(execution).entries.length, 1);
});

Deno.test("what a task asked of a broker is in its own activity and log, whole, and in that of no task after it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/there`, "");
    await using rig = await TaskRig.open({
      runtime: { capabilities: [FilesystemCapability.readOnly([folder])] },
      tasks: { slots: 1 },
    });
    const ids: string[] = [];
    for (let turn = 0; turn < 12; turn++) {
      // The guest is the same for all: each gets it while decisions about the one before may be on their way.
      ids.push(await rig.started(OPENING, turn % 2 === 0 ? { args: [1] } : { function: "nothing" }));
    }
    for (const [turn, id] of ids.entries()) {
      await rig.state(id, "completed");
      const [execution] = rig.executions(id), { entries, cut } = rig.tasks.activity(execution?.id ?? 0);
      const expected = turn % 2 === 0
        ? ["call filesystem read there 1", "denial filesystem write made 1"]
        : [];
      assertEquals(
        [brief(entries), cut, execution?.denials],
        [expected, 0, expected.length / 2],
        `task ${turn}`,
      );
      const denied = rig.tasks.log(execution?.id ?? 0).lines.filter(({ source }) => source === "denial");
      assertEquals(denied.length, expected.length / 2, `the log of task ${turn}`);
    }
    assert(rig.runtime.sandboxes.size < ids.length, "guests were kept");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a guest that asks for a million different things takes up bounded room, in memory and in the store", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(
    `(import "env" "read_sensor" (func $read (param i32) (result i32)))
    (func (export "main") (param i32) (loop (drop (call $read (local.get 0)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`,
    { args: [5000], limits: { hostCallLimit: 10_000 } },
  );
  await rig.state(id, "completed");
  const [execution] = rig.executions(id), { entries, cut } = rig.tasks.activity(execution?.id ?? 0);
  assertEquals([entries.length, cut, execution?.denials], [100, 4900, 5000]);
  const told = rig.events.filter((event) => event.type === "denial");
  assertEquals(told.reduce((sum, { count }) => sum + count, 0), 100, "those that have an entry");
});
