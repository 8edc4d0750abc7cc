/** Tasks that do their worst, one after the other: the manager is as usable as before, and nothing of them is left. */
import { LoggingCapability } from "../../mod.ts";
import type { TaskOptions } from "../../tasks.ts";
import { assert, assertEquals } from "../assert.ts";
import { withForgedGuests } from "../adversarial/isolation/forged_guest.ts";
import { threadCount } from "../adversarial/process_facts.ts";
import { LOOP, NEXT, START_LOOP, TaskRig, until } from "./task_rig.ts";

const main = (code: string) => `(func (export "main") ${code})`;
const LIMITS = { fuelLimit: "100M", timeout: "150ms" } as const;

/** Hostile tasks, with how each ends. */
const HOSTILE: Readonly<Record<string, { fields: string; ends: RegExp; options?: Partial<TaskOptions> }>> = {
  "an endless loop": { fields: LOOP, ends: /^limit:(time|fuel)$/ },
  "an endless recursion": { fields: '(func $f (export "main") (call $f))', ends: /^limit:stack$/ },
  "a memory hog": {
    fields: `(memory 1) ${main("(loop (drop (memory.grow (i32.const 64))) (br 0))")}`,
    ends: /^limit:/,
  },
  "a table hog": {
    fields: `(table 1 funcref) ${main("(loop (drop (table.grow (ref.null func) (i32.const 100))) (br 0))")}`,
    ends: /^limit:/,
  },
  "a flood of output": {
    fields: `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 17)
      (func (export "main") (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1048576))
        (memory.fill (i32.const 16) (i32.const 10) (i32.const 1048576))
        (loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0)))`,
    ends: /^limit:/,
    options: { limits: { ...LIMITS, hostCallLimit: 50 } },
  },
  "a flood of log messages": {
    fields: `(import "aegis:log" "log" (func $log (param i32 i32 i32)))
      (memory (export "memory") 1) ${
      main("(loop (call $log (i32.const 2) (i32.const 0) (i32.const 60000)) (br 0))")
    }`,
    ends: /^limit:/,
    options: { limits: { ...LIMITS, hostCallLimit: 5000 } },
  },
  "a start function that loops": { fields: START_LOOP, ends: /^(limit:|Timeout|OutOfFuel)/ },
  "imports that there are none of": {
    fields: `(import "env" "launch" (func)) ${main("")}`,
    ends: /^MissingImport$/,
  },
  "a module with garbage collection": {
    fields: `(type $list (struct (field (mut (ref null $list)))))
      (func (export "main") (local (ref null $list))
        (loop (local.set 0 (struct.new $list (local.get 0))) (br 0)))`,
    ends: /^(ModuleRefused|limit:|fault)/,
  },
  "no function of that name": { fields: NEXT, ends: /^FunctionNotFound$/, options: { function: "launch" } },
};

const ROUNDS = 6;

Deno.test("H62 TaskManager outlives sixty hostile tasks, and nothing of them is left", async () => {
  await using rig = await TaskRig.open({
    runtime: { capabilities: [LoggingCapability.all()] },
    tasks: { slots: 2 },
  });
  const hashes = new Map<string, string>();
  for (const [name, { fields }] of Object.entries(HOSTILE)) {
    try {
      hashes.set(name, (await rig.task(fields, { name })).module);
    } catch (error) {
      assertEquals((error as { code?: string }).code, "ModuleRefused", name); // refused before there is a task
    }
  }
  assert(hashes.size >= 9, "modules were accepted");
  let threads: number | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, hash] of hashes) {
      const options = { name, limits: LIMITS, ...HOSTILE[name]?.options };
      const { id } = rig.tasks.create(hash, options);
      rig.tasks.start(id);
      await rig.state(id, "failed");
      const [execution] = rig.executions(id);
      assert(
        HOSTILE[name]?.ends.test(execution?.outcome ?? ""),
        `${name}: ${execution?.outcome} ${execution?.error}`,
      );
      const { lines } = rig.tasks.log(execution?.id ?? 0);
      const size = lines.reduce((sum, { text }) => sum + text.length, 0);
      assert(lines.length <= 1050 && size <= 310_000, `${name}: ${lines.length} lines, ${size} characters`);
    }
    const id = await rig.started(NEXT, { args: [round] });
    await rig.state(id, "completed");
    await rig.isIdle(4);
    if (Deno.build.os === "linux") {
      threads ??= threadCount();
      await until(
        () => threadCount() <= (threads ?? 0) + 2 ? true : undefined,
        () => `${threadCount()} threads, ${threads} after the first round`,
      );
    }
  }
  assertEquals(rig.tasks.stats().live, 0);
  await rig.tasks.close();
  assertEquals(rig.runtime.sandboxes.size, 0);
});

/** Answers every call with no value, after it has written what are no amounts into its meters. */
const NONSENSE = `for (;;) {
  turn();
  integers.fill(-1n, 8);
  floats.set([0.5, 1e300, NaN, -Infinity], 10);
  bytes[128] = 0;
  view.setUint32(129, 0, true);
  give(RESULT, 5);
}`;

// Fails while what a guest has written reaches columns of whole numbers: they do not take it, and how the task ended is lost.
Deno.test("G53 a task whose guest writes nonsense into its meters is recorded as it ended", async () => {
  await withForgedGuests(NONSENSE, async () => {
    await using rig = await TaskRig.open({ runtime: { isolation: "worker" }, tasks: { slots: 1 } });
    const id = await rig.started(NEXT, { args: [1] });
    await rig.state(id, "failed");
    const [execution] = rig.executions(id);
    const { outcome, fuel, peakMemory, hostCalls } = execution ?? {};
    assertEquals([outcome, fuel, peakMemory, hostCalls], ["fault", 0n, 0, 0]);
  });
});
