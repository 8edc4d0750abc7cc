/** H62: many hostile tasks one after the other leave nothing behind. */
import { assert, assertEquals } from "../../assert.ts";
import { descriptorCount, HAS_PROC, residentMemory, sleep, threadCount } from "../process_facts.ts";
import { wordsOf } from "../cpu/stopping.ts";
import { Aegis } from "../../../mod.ts";

/** What the tasks do, by turns, and how each ends. */
const TASKS: Readonly<Record<string, { text: string; ends: string }>> = {
  loop: { text: `(func (export "run") (loop $l (br $l)))`, ends: "limit time" },
  fuel: { text: `(func (export "run") (loop $l (br $l)))`, ends: "limit fuel" },
  recursion: { text: `(func $f (export "run") (call $f) (call $f))`, ends: "limit stack" },
  trap: { text: `(func (export "run") unreachable)`, ends: "trap unreachable" },
  memory: {
    text: `(memory 1) (func (export "run") (local i32)
      (loop $l (br_if $l (i32.ne (memory.grow (i32.const 64)) (i32.const -1))))
      (loop $m (i32.store (local.get 0) (i32.const 1))
        (br_if $m (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 33000000))))
      unreachable)`,
    ends: "limit memory",
  },
  host: { text: `(import "env" "never" (func $n)) (func (export "run") (call $n))`, ends: "limit time" },
  exceptions: {
    text: `(tag $t (param i64)) (func (export "run") (loop $l
      (block $c (result i64) (try_table (catch $t $c) (throw $t (i64.const 1))) (i64.const 0)) (drop) (br $l)))`,
    ends: "limit fuel",
  },
  tables: {
    text:
      `(table $t 1 externref) (func (export "run") (drop (table.grow $t (ref.null extern) (i32.const 9000)))
      (drop (table.grow $t (ref.null extern) (i32.const 9000))) unreachable)`,
    ends: "limit memory",
  },
};

const COUNT = 200;

async function runTasks(count: number): Promise<void> {
  await using runtime = await Aegis.create({ memoryLimit: "32MiB" });
  const kinds = Object.entries(TASKS);
  const modules = await Promise.all(kinds.map(([, { text }]) => runtime.loadWat(`(module ${text})`)));
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length], loaded = modules[i % kinds.length];
    assert(kind !== undefined && loaded !== undefined);
    const [name, { ends }] = kind, byFuel = ends === "limit fuel";
    const sandbox = await runtime.sandbox({
      timeout: byFuel ? 5000 : name === "memory" ? 2000 : 15,
      fuelLimit: byFuel ? 200_000 : 1_000_000_000,
    }).build();
    sandbox.registerFunc("env", "never", { params: [], results: [] }, () => new Promise(() => {}));
    await sandbox.loadModule(loaded);
    const outcome = await sandbox.tryCall("run");
    assertEquals(wordsOf(outcome), ends, name);
    await sandbox.close();
  }
}

Deno.test({
  name: `H62 ${COUNT} hostile tasks in a row leave no thread, descriptor or memory behind`,
  ignore: !HAS_PROC,
  fn: async () => {
    await runTasks(2 * Object.keys(TASKS).length);
    await sleep(300);
    const before = { threads: threadCount(), descriptors: descriptorCount(), memory: residentMemory() };
    const started = performance.now();
    await runTasks(COUNT);
    const each = (performance.now() - started) / COUNT;
    // Deno's own pool keeps a thread that has nothing to do for ten seconds.
    for (let waited = 0; waited < 15_000 && threadCount() > before.threads + 1; waited += 250) {
      await sleep(250);
    }
    await sleep(500);
    const after = { threads: threadCount(), descriptors: descriptorCount(), memory: residentMemory() };
    console.log(
      `H62 ${each.toFixed(0)} ms a task; before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`,
    );
    assert(after.threads <= before.threads + 2, `${after.threads - before.threads} threads more`);
    assert(
      after.descriptors <= before.descriptors + 2,
      `${after.descriptors - before.descriptors} descriptors more`,
    );
    assert(after.memory <= before.memory + 100, `${after.memory - before.memory} MiB more`);
  },
});

Deno.test({
  name: "H62 one sandbox that is reset after each of 40 hostile calls grows by nothing",
  ignore: !HAS_PROC,
  fn: async () => {
    await using runtime = await Aegis.create({ memoryLimit: "32MiB", timeout: 2000 });
    const loaded = await runtime.loadWat(`(module ${TASKS["memory"]?.text})`);
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(loaded);
    const run = async (times: number) => {
      for (let i = 0; i < times; i++) {
        assertEquals(wordsOf(await sandbox.tryCall("run")), "limit memory");
        await sandbox.reset();
      }
    };
    await run(10);
    const before = residentMemory();
    await run(40);
    const after = residentMemory();
    // Without collection 40 lives would be 1.2 GiB.
    assert(after <= before + 250, `${after - before} MiB more`);
  },
});
