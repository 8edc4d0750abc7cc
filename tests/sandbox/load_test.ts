/** Many calls, many callers, many aborts: nothing is lost, nothing is mixed up, nothing stays. */
import { Aegis } from "../../mod.ts";
import { assert, assertEquals } from "../assert.ts";
import {
  descriptorCount,
  HAS_PROC,
  residentMemory,
  sleep,
  threadCount,
} from "../adversarial/process_facts.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COUNT, SPIN } from "./started.ts";

const MIX = `(import "env" "wait" (func $wait))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "mix") (param i32 i64 f64) (result i32 i64 f64)
  (i32.mul (local.get 0) (i32.const 3)) (i64.xor (local.get 1) (i64.const 0x5555)) (f64.neg (local.get 2)))
  ${COUNT} ${SPIN}
  (func (export "wait") (call $wait))
  ;; It is in WASI's clock most of the time.
  (func (export "look") (loop $l (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 8))) (br $l)))`;

Deno.test("10,000 calls on a pool by 200 callers: none is lost, none is mixed up", async () => {
  await using runtime = await Aegis.create();
  const module = await runtime.loadBytes(compileText(`(module ${MIX})`));
  await using pool = await runtime.pool(module, {
    maximum: 3,
    setup: (sandbox) => sandbox.registerFunc("env", "wait", { params: [], results: [] }, () => {}),
  });
  const CALLERS = 200, CALLS = 50;
  let answered = 0;
  await Promise.all(Array.from({ length: CALLERS }, async (_, caller) => {
    for (let call = 0; call < CALLS; call++) {
      const own = caller * CALLS + call;
      const result = await pool.call("mix", [own, BigInt(own), own / 7]);
      assertEquals<unknown>(result, [own * 3, BigInt(own) ^ 0x5555n, -own / 7]);
      answered++;
    }
  }));
  assertEquals(answered, CALLERS * CALLS);
  assertEquals([pool.stats().busy, pool.stats().waiting], [0, 0]);
});

Deno.test({
  name: "500 aborts at random moments leave no thread, no descriptor and no growing memory",
  ignore: !HAS_PROC,
  async fn() {
    await using runtime = await Aegis.create({ fuelLimit: "unlimited", timeout: "20s" });
    const module = await runtime.loadBytes(compileText(`(module ${MIX})`));
    const start = async () => {
      const sandbox = await runtime.sandbox().build();
      sandbox.registerFunc("env", "wait", { params: [], results: [] }, () => new Promise<void>(() => {}));
      await sandbox.loadModule(module);
      return sandbox;
    };
    let sandbox = await start(), aborted = 0;
    const abortSome = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const abort = new AbortController(), moment = Math.random() * 4;
        const timer = setTimeout(() => abort.abort(), moment);
        const name = ["spin", "wait", "look"][index % 3] ?? "";
        const pending = sandbox.tryCall(name, [], { signal: abort.signal });
        // Some are closed in the middle of the call instead.
        if (index % 50 === 49) {
          await sleep(moment);
          await sandbox.close();
          sandbox = await start();
        }
        const outcome = await pending.catch((error: Error) => error);
        if ("kind" in outcome && outcome.kind === "aborted") aborted++;
        clearTimeout(timer);
        await sandbox.reset();
      }
    };
    await abortSome(50);
    const before = { threads: threadCount(), descriptors: descriptorCount(), memory: residentMemory() };
    aborted = 0;
    await abortSome(500);
    assertEquals(aborted, 500);
    assertEquals<unknown>(await sandbox.call("count", [1000]), 1000, "it still works");
    // Threads that were ended go in their own time.
    for (let waits = 0; waits < 20 && threadCount() > before.threads; waits++) await sleep(100);
    const after = { threads: threadCount(), descriptors: descriptorCount(), memory: residentMemory() };
    console.log(JSON.stringify({ before, after }));
    assert(after.threads <= before.threads, `${after.threads} threads, ${before.threads} before`);
    assert(after.descriptors <= before.descriptors, `${after.descriptors} descriptors`);
    assert(after.memory < before.memory + 100, `${after.memory} MiB, ${before.memory} MiB before`);
    await sandbox.close();
  },
});
