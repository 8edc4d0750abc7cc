import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals } from "../assert.ts";
import { ANSWER, ENDLESS, ServerRig, until } from "./rig.ts";

Deno.test("the eight endpoints do what the README of WASM-OS shows, in its envelope", async () => {
  await using rig = await ServerRig.start();
  const wasm_data = [...compileText(`(module ${ANSWER})`)];
  const loaded = await rig.ask("POST", "/tasks", { json: { name: "sensor-reader", wasm_data } });
  assertEquals(loaded.status, 200);
  const { data: id } = loaded.body as { data: string };
  assertEquals(loaded.body, { success: true, data: id, error: null });

  assertEquals((await rig.ask("POST", `/tasks/${id}/start`)).body, {
    success: true,
    data: "running",
    error: null,
  });
  await until(() => rig.tasks.get(id).state === "completed");
  const stats = await rig.ask("GET", "/stats");
  assertEquals(stats.body, {
    success: true,
    data: { total_tasks: 1, running_tasks: 0, failed_tasks: 0, total_instructions: 4, total_syscalls: 0 },
    error: null,
  });
  const { data } = (await rig.ask("GET", `/tasks/${id}`)).body as {
    data: { execution_history: Record<string, unknown>[]; status: string };
  };
  assertEquals(data.status, "completed");
  const [record] = data.execution_history;
  assertEquals(Object.keys(record ?? {}), [
    "timestamp",
    "duration_us",
    "success",
    "error",
    "instructions",
    "syscalls",
  ]);
  assert(
    Math.abs(Number(record?.["timestamp"]) - Date.now() / 1000) < 60 && Number(record?.["duration_us"]) > 0,
  );
  assertEquals([record?.["success"], record?.["error"], record?.["instructions"]], [true, null, 4]);
  const list = (await rig.ask("GET", "/tasks")).body as { data: { id: string }[] };
  assertEquals(list.data.map((task) => task.id), [id]);
  assertEquals((await rig.ask("DELETE", `/tasks/${id}`)).body, { success: true, data: null, error: null });
  const gone = await rig.ask("GET", `/tasks/${id}`);
  assertEquals([gone.status, gone.body], [
    404,
    { success: false, data: null, error: `There is no task "${id}"` },
  ]);
});

Deno.test("pause stops a loop where it is, start lets it go on, stop ends it", async () => {
  await using rig = await ServerRig.start({ runtime: { fuelLimit: "unlimited" } });
  const { id } = rig.tasks.create(await rig.module(ENDLESS), {
    name: "loop",
    preset: "standard",
    limits: { fuelLimit: "unlimited" },
  });
  await rig.ask("POST", `/tasks/${id}/start`);
  await until(() => (rig.tasks.metrics(id)?.fuelConsumed ?? 0n) > 1_000_000n);
  assertEquals((await rig.ask("POST", `/tasks/${id}/pause`)).body, {
    success: true,
    data: "paused",
    error: null,
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const used = rig.tasks.metrics(id)?.fuelConsumed;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(rig.tasks.metrics(id)?.fuelConsumed, used);
  await rig.ask("POST", `/tasks/${id}/start`);
  await until(() => (rig.tasks.metrics(id)?.fuelConsumed ?? 0n) > (used ?? 0n));
  assertEquals((await rig.ask("POST", `/tasks/${id}/stop`)).body, {
    success: true,
    data: "stopped",
    error: null,
  });
  await rig.tasks.ended(id);
  const again = await rig.ask("POST", `/tasks/${id}/pause`);
  assertEquals([again.status, (again.body as { success: boolean }).success], [409, false]);
});

Deno.test("a module that is none is refused with the reason, and no task is made", async () => {
  await using rig = await ServerRig.start();
  const refused = await rig.ask("POST", "/tasks", {
    json: { name: "x", wasm_data: [0, 97, 115, 109, 2, 0, 0, 0] },
  });
  assertEquals(refused.status, 422);
  assertEquals((refused.body as { success: boolean }).success, false);
  assertEquals(rig.tasks.stats().tasks, 0);
});
