/** H62, C28 and C29 for processes: what hostile guests may leave behind is processes, and what these hold. */
import { Aegis } from "../../mod.ts";
import { wordsOf } from "../adversarial/cpu/stopping.ts";
import { descriptorCount, HAS_PROC, threadCount } from "../adversarial/process_facts.ts";
import { assert, assertEquals } from "../assert.ts";
import { becomes, childrenOf } from "./child_processes.ts";

/** What each does, and how it ends. */
const TASKS = [
  [`(func (export "run") (loop $l (br $l)))`, "limit time"],
  [`(func $f (export "run") (call $f) (call $f))`, "limit stack"],
  [
    `(memory 1) (func (export "run") (loop $l (br_if $l (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable)`,
    "limit memory",
  ],
  [`(func (export "run") unreachable)`, "trap unreachable"],
] as const;

Deno.test({
  name:
    "H62 and C29 hostile tasks in processes, one after the other, leave no process, thread or descriptor behind",
  ignore: !HAS_PROC,
  fn: async () => {
    const round = async () => {
      await using runtime = await Aegis.create({
        isolation: "process",
        memoryLimit: "8MiB",
        timeout: 50,
        fuelLimit: "unlimited",
      });
      for (const [fields, ends] of TASKS) {
        await using sandbox = await runtime.sandbox().build();
        await sandbox.loadModule(await runtime.loadWat(`(module ${fields})`));
        assertEquals(wordsOf(await sandbox.tryCall("run")), ends);
      }
    };
    await round();
    assert(await becomes(() => childrenOf(Deno.pid).length === 0));
    const before = { threads: threadCount(), descriptors: descriptorCount() };
    for (let i = 0; i < 4; i++) await round();
    assert(await becomes(() => childrenOf(Deno.pid).length === 0), "processes live on");
    assert(
      await becomes(() => threadCount() <= before.threads + 2),
      `${threadCount()} threads, ${before.threads} before`,
    );
    const kept = () => descriptorCount() <= before.descriptors + 4;
    assert(await becomes(kept), `${descriptorCount()} descriptors, ${before.descriptors} before`);
  },
});

Deno.test({
  name: "C28 a guest that waits on its own shared memory for ever is stopped, and its process with it",
  ignore: !HAS_PROC,
  fn: async () => {
    await using runtime = await Aegis.create({
      isolation: "process",
      engine: "v8",
      timeout: 100,
      fuelLimit: "unlimited",
    });
    const module = await runtime.loadWat(`(module (memory 1 1 shared) (func (export "run") (loop $l
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))) (br $l))))`);
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(module);
    const began = performance.now();
    assertEquals(wordsOf(await sandbox.tryCall("run")), "limit time");
    assert(performance.now() - began < 5000, `${performance.now() - began} ms`);
    await sandbox.close();
    await runtime.close();
    assert(await becomes(() => childrenOf(Deno.pid).length === 0));
  },
});
