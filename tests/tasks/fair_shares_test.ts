import { assert } from "../assert.ts";
import { undelayed } from "../undelayed.ts";
import { TaskRig, UNBOUNDED } from "./task_rig.ts";

/** An endless loop of short calls: V8 puts better code into place between two of them, and not in the midst of one. */
const CALLS = `(func $work (local i32)
  (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10000)))))
  (func (export "main") (loop (call $work) (br 0)))`;

Deno.test("TaskManager shares two slots among four loops: each has its part of the fuel", async () => {
  await using rig = await TaskRig.open({ tasks: { slots: 2 } });
  const ids: string[] = [];
  for (let number = 0; number < 4; number++) ids.push(await rig.started(CALLS, { limits: UNBOUNDED }));
  for (const id of ids) await rig.working(id);
  const fuel = () => ids.map((id) => Number(rig.tasks.metrics(id)?.fuelConsumed ?? 0n));
  await undelayed(500, async () => {
    const before = fuel();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const used = fuel().map((now, index) => now - (before[index] ?? 0));
    const mean = used.reduce((sum, one) => sum + one, 0) / used.length;
    console.log(used.map((one) => `${Math.round(100 * one / mean)} %`).join(", "));
    for (const one of used) assert(Math.abs(one - mean) <= 0.4 * mean, used.join());
  });
});
