import { AegisError } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { rig, settled, soFar } from "./pool_rig.ts";

Deno.test("Pool starts the minimum at once, and more when they are needed, up to the maximum", async () => {
  const { pool, guests } = rig({ minimum: 2, maximum: 3 });
  await pool.ready();
  assertEquals([guests.length, pool.stats().idle], [2, 2]);
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  assertEquals(new Set(leases.map(({ sandbox }) => sandbox.id)).size, 3);
  assertEquals(await soFar(pool.acquire()), "waiting");
  assertEquals(guests.length, 3);
  const { alive, busy, idle, waiting } = pool.stats();
  assertEquals([alive, busy, idle, waiting], [3, 3, 0, 1]);
});

Deno.test("Pool without a minimum starts no guest before it is asked for one", async () => {
  const { pool, guests } = rig();
  await pool.ready();
  await settled();
  assertEquals(guests.length, 0);
  assertEquals(await pool.call("f"), 1);
  assertEquals(guests.length, 1);
});

Deno.test("Pool lends guests in the order in which callers came, whoever they are for", async () => {
  for (const recycle of ["reset", "keep", "replace"] as const) {
    const { pool } = rig({ maximum: 2, recycle });
    const order: number[] = [];
    const callers = Array.from({ length: 20 }, async (_, index) => {
      const lease = await pool.acquire({ tenant: `tenant ${index % 3}` });
      order.push(index);
      await settled();
      lease.release();
    });
    await Promise.all(callers);
    assertEquals(order, [...order.keys()], recycle);
    assertEquals(pool.stats().uses, 20);
  }
});

Deno.test("Pool closes guests that were idle for too long, down to the minimum", async () => {
  const { pool, timers, guests } = rig({ minimum: 1, maximum: 4, idleTime: "10s" });
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  for (const lease of leases) lease.release();
  await settled();
  assertEquals(pool.stats().idle, 3);
  await timers.pass(9_999);
  assertEquals(pool.stats().idle, 3);
  const busy = await pool.acquire();
  await timers.pass(1);
  await settled();
  assertEquals([pool.stats().alive, pool.stats().busy, pool.stats().discarded], [1, 1, 2]);
  busy.release();
  await timers.pass(100_000);
  assertEquals(
    [pool.stats().alive, guests.filter(({ closed }) => closed).length],
    [1, 2],
    "the minimum stays",
  );
  assertEquals(timers.pending, 0, "and nothing is waited for");
});

Deno.test("Pool uses the guest that was used last, so that those too many grow old", async () => {
  const { pool, timers } = rig({ maximum: 4, idleTime: 2000 });
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  for (const lease of leases) lease.release();
  await settled();
  for (let turn = 0; turn < 6; turn++) {
    await timers.pass(500);
    await pool.call("f");
  }
  await settled();
  assertEquals(pool.stats().alive, 1);
});

Deno.test("Pool makes each guest as new between two uses, or as it was told", async () => {
  for (const [recycle, values, guestCount] of [["reset", [1, 1, 1], 1], ["replace", [1, 1, 1], 3]] as const) {
    const { pool, guests } = rig({ maximum: 1, recycle });
    const found = [];
    for (let turn = 0; turn < 3; turn++) found.push(await pool.call("f", [], { tenant: "a" }));
    assertEquals([found, guests.length], [[...values], guestCount], recycle);
  }
});

Deno.test("Pool that keeps state keeps it for the same tenant alone", async () => {
  const { pool, guests } = rig({ maximum: 2, recycle: "keep" });
  const call = (tenant?: string) => pool.call("f", [], tenant === undefined ? {} : { tenant });
  assertEquals([await call("a"), await call("a"), await call("b"), await call("a"), await call("b")], [
    1,
    2,
    1,
    3,
    2,
  ]);
  assertEquals(guests.map(({ resets }) => resets), [0, 0]);
  assertEquals(await call("c"), 1, "room is made by a reset");
  assertEquals([await call(), await call()], [1, 1], "nobody in particular keeps nothing");
  assertEquals(await call("c"), 2, "and takes from others no more than one guest");
});

Deno.test("Pool that keeps state resets a guest after a call that failed, and when its tenant stays away", async () => {
  const { pool, guests, timers } = rig({ minimum: 1, maximum: 1, recycle: "keep", idleTime: 1000 });
  await pool.ready();
  const call = () => pool.tryCall("f", [], { tenant: "a" });
  await call();
  await call();
  const [guest] = guests;
  assert(guest);
  assertEquals([guest.calls, guest.resets], [2, 0]);
  guest.fail = "trap";
  assertEquals((await call()).kind, "trap");
  await settled();
  assertEquals(guest.resets, 1);
  await call();
  await timers.pass(1000);
  assertEquals([guest.resets, guest.closed, pool.stats().idle], [2, false, 1]);
});

Deno.test("Pool replaces a guest after so many uses", async () => {
  const { pool, guests } = rig({ maximum: 1, uses: 3 });
  for (let turn = 0; turn < 7; turn++) await pool.call("f");
  await settled();
  assertEquals(guests.map(({ closed }) => closed), [true, true, false]);
  assertEquals([pool.stats().created, pool.stats().discarded, pool.stats().recycled], [3, 2, 5]);
});

Deno.test("Pool replaces a guest that cannot be reset, or that somebody closed", async () => {
  const { pool, guests } = rig({ maximum: 1 });
  await pool.call("f");
  await settled();
  const [first] = guests;
  assert(first);
  first.failReset = new Error("cannot");
  await pool.call("f");
  assertEquals(await pool.call("f"), 1);
  assertEquals([first.closed, guests.length], [true, 2]);
  await settled();
  await guests[1]?.close();
  assertEquals(await pool.call("f"), 1);
  assertEquals(guests.length, 3);
});

Deno.test("Pool refuses callers past those who may wait, not counting those who will be served", async () => {
  const { pool } = rig({ maximum: 2, waiting: 1 });
  const first = pool.acquire(), second = pool.acquire(), third = pool.acquire();
  const error = await assertRejects(() => pool.acquire(), AegisError, "is 1");
  assertEquals([error.code, error.field], ["PoolBusy", "waiting"]);
  (await first).release();
  assertEquals(await soFar(pool.acquire()), "waiting", "one is being recycled, one may wait");
  (await second).release();
  (await third).release();
});

Deno.test("Pool lets nobody wait longer than waitTimeout", async () => {
  const { pool, timers } = rig({ maximum: 1, waitTimeout: "5s" });
  const lease = await pool.acquire();
  const late = pool.acquire().then(() => undefined, (error: AegisError) => error);
  await timers.pass(4999);
  assertEquals(pool.stats().waiting, 1);
  await timers.pass(1);
  const error = await late;
  assertEquals([error?.code, error?.field, pool.stats().waiting], ["PoolBusy", "waitTimeout", 0]);
  lease.release();
  assertEquals(await pool.call("f"), 1);
  await settled();
  assertEquals(timers.pending, 1, "only that of the idle guest");
});

Deno.test("a caller who gives up frees the place of the queue", async () => {
  const { pool, timers } = rig({ maximum: 1 });
  const lease = await pool.acquire(), giveUp = new AbortController();
  const gone = soFar(pool.acquire({ signal: giveUp.signal })), next = pool.acquire();
  const outcome = pool.tryCall("f", [], { signal: giveUp.signal });
  giveUp.abort();
  assertEquals([await gone, await outcome], ["Cancelled", { kind: "aborted", reason: "cancelled" }]);
  assertEquals(pool.stats().waiting, 1);
  lease.release();
  assertEquals((await next).sandbox.id, "guest 1");
  assertEquals(timers.pending, 0);
  assertEquals(await soFar(pool.acquire({ signal: AbortSignal.abort() })), "Cancelled");
});

Deno.test("the failed start of a guest reaches the one caller it was for, at every k", async () => {
  for (let k = 1; k <= 4; k++) {
    const { pool, failures, guests } = rig({ maximum: 2 });
    failures.set(k, new Error(`start ${k}`));
    const found = await Promise.all(Array.from({ length: 6 }, async () => {
      try {
        return await pool.use(() => "served");
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
    }));
    assertEquals(found.filter((what) => what !== "served"), k <= 2 ? [`start ${k}`] : [], `k = ${k}`);
    assertEquals(found[k - 1], k <= 2 ? `start ${k}` : "served", `k = ${k}`);
    await settled();
    const { alive, idle, failed } = pool.stats();
    assertEquals([alive, idle, failed], [guests.length, guests.length, k <= 2 ? 1 : 0]);
  }
});

Deno.test("a start whose caller was served another guest comes to be for the next caller, or for nobody", async () => {
  const { pool, failures, open } = rig({ maximum: 2 }, true);
  for (const number of [2, 3]) failures.set(number, new Error(`start ${number}`));
  const first = pool.acquire();
  open.shift()?.();
  const lease = await first;
  const second = pool.acquire(), third = pool.acquire();
  assertEquals(open.length, 1);
  lease.release(); // serves the second caller, for whom the guest was being started
  const secondLease = await second;
  open.shift()?.();
  assertEquals(await soFar(third), "start 2");
  const fourth = pool.acquire();
  await settled();
  secondLease.release();
  const fourthLease = await fourth;
  open.shift()?.();
  await settled();
  assertEquals([pool.stats().failed, pool.stats().alive], [2, 1]);
  const fifth = pool.acquire();
  await settled();
  open.shift()?.();
  assertEquals((await fifth).sandbox.id, "guest 4");
  fourthLease.release();
});

Deno.test("a start that comes late is for the caller whose own guest went to the first", async () => {
  const { pool, failures, open } = rig({ maximum: 2 }, true);
  failures.set(1, new Error("start 1"));
  const first = pool.acquire(), second = pool.acquire();
  open.pop()?.();
  assertEquals((await first).sandbox.id, "guest 2");
  open.pop()?.();
  assertEquals(await soFar(second), "start 1");
});

Deno.test("a tenant takes its own idle guest while one is made ready for those before, and not otherwise", async () => {
  const { pool, open, guests } = rig({ maximum: 2, recycle: "keep" }, true);
  const first = pool.call("f", [], { tenant: "a" });
  open.shift()?.();
  await first;
  const other = pool.acquire({ tenant: "b" }), again = pool.acquire({ tenant: "a" });
  assertEquals([await soFar(other), await soFar(again)], ["waiting", "guest 1"]);
  const third = pool.acquire({ tenant: "c" }), own = pool.acquire({ tenant: "a" });
  open.shift()?.();
  await other;
  assertEquals(guests.map(({ resets }) => resets), [0, 0]);
  (await again).release();
  assertEquals(
    [await soFar(third), await soFar(own)],
    ["guest 1", "waiting"],
    "the guest is reset for the third",
  );
  assertEquals(guests.map(({ resets }) => resets), [1, 0]);
  (await other).release();
  assertEquals([await soFar(own), guests.map(({ resets }) => resets)], ["guest 2", [1, 1]]);
});

Deno.test("a guest that is being closed takes its place until it is gone", async () => {
  const { pool, guests } = rig({ maximum: 1, recycle: "replace" });
  const lease = await pool.acquire(), gone = Promise.withResolvers<void>();
  for (const guest of guests) guest.closing = gone.promise;
  lease.release();
  const next = pool.acquire();
  assertEquals([await soFar(next), guests.length, pool.stats().alive], ["waiting", 1, 1]);
  gone.resolve();
  assertEquals(await soFar(next), "guest 2");
});

Deno.test("Pool.call() takes the arguments as they are when it is called", async () => {
  const { pool, guests } = rig({ maximum: 1 });
  const lease = await pool.acquire(), args = [1, 2], call = pool.call("f", args);
  args.length = 0;
  lease.release();
  await call;
  assertEquals(guests[0]?.args, [1, 2]);
});

Deno.test("a minimum that cannot be started is not tried for ever; ready() tells, and tries again", async () => {
  const broken = rig({ minimum: 1 });
  for (let number = 1; number < 10; number++) broken.failures.set(number, new Error(`start ${number}`));
  await settled();
  assertEquals(broken.starts, 1);
  await assertRejects(() => broken.pool.ready(), Error, "start 2");
  broken.failures.clear();
  await broken.pool.ready();
  assertEquals(broken.pool.stats().idle, 1);
});

Deno.test("Pool takes no more than its runtime has room for, and does not fail while a guest comes back", async () => {
  const full = rig({ maximum: 4 });
  full.room = 1;
  const lease = await full.pool.acquire();
  const waiting = full.pool.acquire();
  assertEquals([await soFar(waiting), full.starts], ["waiting", 1]);
  lease.release();
  await waiting;
  assertEquals(full.starts, 1);
});

Deno.test("release() ends the holder's power over the guest, and a second one does nothing", async () => {
  const { pool } = rig({ maximum: 1, recycle: "keep" });
  const lease = await pool.acquire({ tenant: "a" }), { sandbox } = lease;
  assertEquals(await sandbox.call("f"), 1);
  lease.release();
  const other = await pool.acquire({ tenant: "a" });
  lease.release();
  await lease[Symbol.asyncDispose]();
  assertEquals(pool.stats().busy, 1);
  for (const use of [() => sandbox.call("f"), () => sandbox.readMemory(0, 1), () => sandbox.run()]) {
    assertEquals((await assertRejects(use, AegisError)).code, "Closed");
  }
  for (
    const use of [() => sandbox.output(), () => sandbox.metrics(), () => sandbox.addFuel(1), () => sandbox.id]
  ) {
    assertEquals(assertThrows(use, AegisError).code, "Closed");
  }
  assertEquals(await other.sandbox.call("f"), 2);
});

Deno.test("Pool.use() releases the guest however the work ends", async () => {
  const { pool } = rig({ maximum: 1 });
  await assertRejects(
    () =>
      pool.use(() => {
        throw new Error("mine");
      }),
    Error,
    "mine",
  );
  assertEquals(await pool.use(async (sandbox) => [await sandbox.call("f"), await sandbox.call("f")]), [1, 2]);
  await settled();
  assertEquals(pool.stats().busy, 0);
});

Deno.test("Pool.close() refuses who waits and who comes, and ends or waits for what is lent", async () => {
  for (const leases of ["end", "wait"] as const) {
    const { pool, guests, timers } = rig({ maximum: 1 });
    const lease = await pool.acquire(), waiting = soFar(pool.acquire());
    let closed = false;
    const closing = pool.close({ leases }).then(() => closed = true);
    assertEquals(await waiting, "Closed");
    assertEquals(await soFar(pool.acquire()), "Closed");
    assertEquals(closed, leases === "end");
    if (leases === "end") await assertRejects(() => lease.sandbox.call("f"), AegisError);
    else assertEquals(await lease.sandbox.call("f"), 1);
    lease.release();
    await closing;
    assertEquals([guests[0]?.closed, pool.stats().alive, timers.pending], [true, 0, 0]);
  }
});

Deno.test("Pool.close() that ends leases goes before one that waits for them", async () => {
  const { pool } = rig({ maximum: 1 });
  await pool.acquire();
  const waits = pool.close({ leases: "wait" });
  await pool.close();
  await waits;
});

Deno.test("Pool.close() closes guests that are just being started or recycled", async () => {
  const starting = rig({ minimum: 2 }, true);
  const closing = starting.pool.close();
  for (const end of starting.open) end();
  await closing;
  assertEquals(starting.guests.map(({ closed }) => closed), [true, true]);
  const recycling = rig();
  (await recycling.pool.acquire()).release();
  await recycling.pool.close();
  assertEquals(recycling.guests[0]?.closed, true);
  const idle = rig();
  await idle.pool.call("f");
  await settled();
  assertEquals(idle.timers.pending, 1);
  await idle.pool.close();
  assertEquals([idle.guests[0]?.closed, idle.timers.pending], [true, 0]);
});

Deno.test("2,000 calls of 100 callers lose no guest and no caller, whatever fails", async () => {
  for (const recycle of ["reset", "keep", "replace"] as const) {
    const { pool, guests, failures } = rig({ maximum: 5, recycle, uses: 50 });
    for (let number = 3; number < 3000; number += 3) failures.set(number, new Error("start"));
    let served = 0, failed = 0;
    await Promise.all(Array.from({ length: 100 }, async (_, caller) => {
      for (let turn = 0; turn < 20; turn++) {
        await pool.use((sandbox) => sandbox.call("f"), { tenant: `tenant ${caller % 7}` }).then(
          () => served++,
          () => failed++,
        );
        const guest = guests[(caller * 20 + turn) % guests.length];
        if (guest && turn % 5 === 0) guest.failReset = new Error("reset");
      }
    }));
    await settled();
    const { alive, idle, busy, waiting, uses, created, discarded } = pool.stats();
    assertEquals([served + failed, uses, busy, waiting], [2000, served, 0, 0], recycle);
    assertEquals([idle, created - discarded], [alive, alive], recycle);
    await pool.close();
  }
});
