import { FilesystemCapability, SensorCapability } from "../../mod.ts";
import { assertEquals } from "../assert.ts";
import { OpenApi } from "./openapi.ts";
import { ANSWER, ENDLESS, ServerRig } from "./rig.ts";

interface Task {
  readonly id: string;
  readonly fuel: string;
  readonly lastExecution:
    | { readonly id: number; readonly status: string; readonly fuel: string | null }
    | null;
}

Deno.test("a task tells of its last execution, and of the fuel of all", async () => {
  await using rig = await ServerRig.start({ runtime: { fuelLimit: "unlimited" } });
  const api = await OpenApi.of(rig), module = await rig.module(ANSWER);
  const [one, other, endless] = [
    rig.tasks.create(module, { name: "one" }),
    rig.tasks.create(module, { name: "other" }),
    rig.tasks.create(await rig.module(ENDLESS), { name: "endless", limits: { fuelLimit: "unlimited" } }),
  ];
  const read = async (id: string) => (await api.ask(rig, "GET", `/api/v1/tasks/${id}`)).body as Task;
  assertEquals([(await read(one.id)).lastExecution, (await read(one.id)).fuel], [null, "0"]);
  for (let turn = 0; turn < 2; turn++) {
    rig.tasks.start(one.id);
    await rig.tasks.ended(one.id);
  }
  rig.tasks.start(endless.id);
  const [last] = rig.tasks.executions({ task: one.id }).items, task = await read(one.id);
  const { startedAt, durationUs, status, id } = last ?? {};
  assertEquals(task.lastExecution as unknown, {
    id,
    status,
    startedAt,
    durationUs,
    fuel: String(last?.fuel),
  });
  assertEquals([status, BigInt(task.fuel)], ["succeeded", 2n * (last?.fuel ?? 0n)]);
  const { body } = await api.ask(rig, "GET", "/api/v1/tasks");
  assertEquals(
    (body as { items: Task[] }).items.map((item) => [item.id, item.lastExecution?.status, item.fuel]),
    [
      [endless.id, "running", "0"],
      [other.id, undefined, "0"],
      [one.id, "succeeded", task.fuel],
    ],
  );
});

interface Series {
  readonly since: number;
  readonly width: number;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

Deno.test("a series counts executions of the last hour, or of the time and the tasks that are asked for", async () => {
  await using rig = await ServerRig.start();
  const api = await OpenApi.of(rig), { id } = rig.tasks.create(await rig.module(ANSWER), { name: "counted" });
  rig.tasks.start(id);
  await rig.tasks.ended(id);
  const read = async (query: string) =>
    (await api.ask(rig, "GET", `/api/v1/executions/series${query}`)).body as Series;
  const { width, items } = await read("");
  assertEquals([width, items.length, items.at(-1)?.["succeeded"]], [60_000, 60, 1]);
  assertEquals([items.at(-1)?.["fuel"], items.at(-1)?.["running"], items[0]?.["durationUs"]], ["4", 0, null]);
  const at = rig.tasks.executions({ task: id }).items[0]?.startedAt ?? 0;
  const counts = async (query: string) => (await read(query)).items.map((item) => item["succeeded"]);
  assertEquals(await counts(`?since=${at - 10}&until=${at + 10}&buckets=2`), [0, 1]);
  assertEquals(await counts(`?since=${at - 10}&until=${at + 10}&buckets=2&status=failed`), [0, 0]);
  assertEquals(await counts(`?since=${at - 10}&until=${at + 10}&buckets=1&task=${id}&text=count`), [1]);
});

Deno.test("the activity of an execution is what its guest asked of the host", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using rig = await ServerRig.start({
      runtime: { capabilities: [SensorCapability.constant(1, 5), FilesystemCapability.readOnly([folder])] },
    });
    const module = await rig.module(`(import "env" "read_sensor" (func $read (param i32) (result i32)))
      (func (export "main") (drop (call $read (i32.const 1))) (drop (call $read (i32.const 2))))`);
    const api = await OpenApi.of(rig), { id } = rig.tasks.create(module, { name: "asking" });
    rig.tasks.start(id);
    await rig.tasks.ended(id);
    const execution = rig.tasks.executions({ task: id }).items[0]?.id;
    const { body } = await api.ask(rig, "GET", `/api/v1/executions/${execution}/activity`);
    const { items, ...rest } = body as { items: Readonly<Record<string, unknown>>[] };
    assertEquals(rest as unknown, { execution, cut: 0 });
    assertEquals(items.map(({ time: _, until: _until, ...item }) => item as unknown), [
      { kind: "call", capability: "sensor", action: "read", target: "1", detail: null, count: 1 },
      {
        kind: "denial",
        capability: "sensor",
        action: "read",
        target: "2",
        detail: "no sensor grant names 2",
        count: 1,
      },
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
