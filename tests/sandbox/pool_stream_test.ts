/** Streams of calls beside other callers of a pool, under a clock that a test moves; no guests. */
import { AegisError, type CallStream } from "../../mod.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { rig, settled, soFar } from "./pool_rig.ts";

/** Reads to the end in the background. @returns how many results were read, and what was thrown */
function reading(stream: CallStream): { read: number; thrown: unknown; over: boolean } {
  const state = { read: 0, thrown: undefined as unknown, over: false };
  (async () => {
    try {
      for await (const _ of stream) state.read++;
    } catch (error) {
      state.thrown = error instanceof AegisError ? error.code : error;
    }
    state.over = true;
  })();
  return state;
}

Deno.test("Pool.callStream() waits for its turn, however many wait, and longer than waitTimeout", async () => {
  const { pool, timers } = rig({ maximum: 1, waiting: 1, waitTimeout: 100 });
  const lease = await pool.acquire(), other = pool.acquire();
  const state = reading(pool.callStream("f", [[1], [2], [3]]));
  await settled();
  assertEquals([pool.stats().waiting, state.over], [2, false], "behind one who fills the line");
  assertEquals((await assertRejects(() => pool.call("f"), AegisError)).code, "PoolBusy");
  const late = assertRejects(() => other, AegisError);
  await timers.pass(1000);
  assertEquals([(await late).code, state.over, timers.pending], ["PoolBusy", false, 0]);
  lease.release();
  await settled();
  assertEquals([state.read, state.thrown, state.over], [3, undefined, true]);
  assertEquals([pool.stats().busy, pool.stats().waiting], [0, 0]);
});

Deno.test("Pool.callStream() takes none of the places of those who may wait", async () => {
  const { pool } = rig({ maximum: 2, waiting: 1 });
  const leases = [await pool.acquire(), await pool.acquire()];
  const state = reading(pool.callStream("f", [[1], [2], [3], [4]], { concurrency: 4 }));
  await settled();
  assertEquals(pool.stats().waiting, 2);
  const waiting = pool.acquire();
  assertEquals(await soFar(waiting), "waiting");
  assertEquals(await soFar(pool.acquire()), "PoolBusy");
  for (const lease of leases) lease.release();
  await settled();
  assertEquals([state.read, state.over], [4, true]);
  (await waiting).release();
});

Deno.test("Pool.callStream() can be left and cancelled while it waits for a guest", async () => {
  const { pool } = rig({ maximum: 1 }), controller = new AbortController();
  const lease = await pool.acquire();
  const left = pool.callStream("f", [[1]]), first = left.next();
  const state = reading(pool.callStream("f", [[1]], { signal: controller.signal }));
  await settled();
  assertEquals(pool.stats().waiting, 2);
  await left.return();
  assertEquals((await first).done, true);
  controller.abort();
  await settled();
  assertEquals([state.thrown, pool.stats().waiting], ["Cancelled", 0]);
  lease.release();
});
