import { AegisError } from "../../mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { settled } from "../sandbox/pool_rig.ts";
import { FailingStore, SchedulerRig } from "./scheduler_rig.ts";

Deno.test("TaskScheduler gives a slot to one task at a time, the others wait", async () => {
  const rig = new SchedulerRig(), ids = [rig.add(), rig.add()];
  for (const id of ids) rig.start(id);
  await settled();
  assertEquals(ids.map((id) => rig.task(id).state), ["running", "queued"]);
  rig.guest.end();
  await settled();
  assertEquals(ids.map((id) => rig.task(id).state), ["completed", "running"]);
  rig.guest.end();
  await settled();
  assertEquals([rig.scheduler.live, rig.scheduler.waiting, rig.reports], [0, 0, []]);
});

Deno.test("TaskScheduler gives guests to those who wait behind others that do not end", async () => {
  const rig = new SchedulerRig({ guests: 3 }), ids = [1, 2, 3, 4].map(() => rig.add());
  for (const id of ids) rig.start(id);
  await settled();
  await rig.timers.pass(200);
  assertEquals([rig.scheduler.live, rig.scheduler.waiting], [3, 1]);
  assertEquals(rig.guests.filter(({ paused }) => !paused).length, 1);
});

Deno.test("TaskScheduler starts what waits in order, whatever the clock is set to", async () => {
  const rig = new SchedulerRig({ guests: 1 }), first = rig.add(), second = rig.add(), third = rig.add();
  rig.start(first);
  await settled();
  rig.start(second);
  await rig.timers.pass(1000);
  rig.setBy = -3_600_000;
  rig.start(third);
  rig.guest.end();
  await settled();
  assertEquals([second, third].map((id) => rig.task(id).state), ["running", "queued"]);
});

Deno.test("TaskScheduler tries again after the delay at the latest, whatever the clock is set to", async () => {
  const store = new FailingStore(":memory:"), rig = new SchedulerRig({ store });
  const id = rig.add({ retries: { count: 1, delay: "10s", longest: "10s" } });
  rig.start(id);
  await settled();
  rig.guest.trap();
  await settled();
  assertEquals(rig.task(id).state, "waiting");
  const next = new SchedulerRig({ store });
  next.setBy = -86_400_000; // the clock was wrong before
  next.scheduler.recover();
  await next.timers.pass(9_000);
  assertEquals(next.task(id).state, "waiting");
  await next.timers.pass(1_000);
  assertEquals([next.task(id).state, next.task(id).trigger], ["running", "retry"]);
});

Deno.test("TaskScheduler lets an execution that was stopped decide nothing about the start after it", async () => {
  for (const outcome of [{ kind: "value", values: [] }, { kind: "exit", status: 1 }] as const) {
    const rig = new SchedulerRig(), id = rig.add();
    rig.start(id);
    await settled();
    const [guest] = rig.guests;
    assert(guest !== undefined);
    guest.stop = () => {}; // it has just come to its end
    rig.scheduler.stop(rig.task(id));
    rig.start(id);
    rig.scheduler.pause(rig.task(id));
    guest.end(outcome);
    await settled();
    assertEquals([rig.task(id).state, rig.scheduler.live], ["paused", 0]);
    rig.scheduler.resume(rig.task(id));
    await settled();
    assertEquals([rig.task(id).state, rig.guests.length], ["running", 2]);
  }
});

Deno.test("TaskScheduler.stop() is heard by a guest whose call was made, and is not under way yet", async () => {
  const rig = new SchedulerRig(), id = rig.add();
  rig.start(id);
  await settled();
  const { guest } = rig, stop = guest.stop.bind(guest);
  guest.stop = () => void (guest.stop = stop); // as a sandbox does that is about to begin
  rig.scheduler.stop(rig.task(id));
  await settled();
  await rig.timers.pass(1);
  assertEquals([rig.task(id).state, rig.scheduler.live], ["stopped", 0]);
});

Deno.test("TaskScheduler.stop() of a wait takes its timer back", async () => {
  const rig = new SchedulerRig(), id = rig.add({ retries: { count: 1, delay: "10s" } });
  rig.start(id);
  await settled();
  rig.guest.trap();
  await settled();
  rig.scheduler.stop(rig.task(id));
  await rig.timers.pass(1);
  assertEquals([rig.task(id).state, rig.timers.pending], ["stopped", 0]);
});

Deno.test("TaskScheduler leaves no timer behind of a task with a deadline and checkpoints", async () => {
  const rig = new SchedulerRig({ isSaved: true });
  const id = rig.add({ deadline: "1m", engine: "interpreter", checkpointEvery: "1s" });
  rig.start(id);
  await settled();
  await rig.timers.pass(3500);
  assertEquals([rig.guest.saves, rig.store.checkpoints.has(id)], [3, true]);
  rig.guest.end();
  await settled();
  await rig.timers.pass(1);
  assertEquals([rig.task(id).state, rig.timers.pending, rig.store.checkpoints.has(id)], [
    "completed",
    0,
    false,
  ]);
});

Deno.test("TaskScheduler saves one guest once at a time, and closes while it is being saved", async () => {
  const rig = new SchedulerRig({ isSaved: true });
  const id = rig.add({ engine: "interpreter", checkpointEvery: "1s" });
  rig.start(id);
  await settled();
  const saving = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  rig.guest.saving = saving.promise;
  await rig.timers.pass(1500);
  const closed = rig.scheduler.close(10_000);
  assertEquals(rig.guest.saves, 1);
  saving.resolve(Uint8Array.of(9));
  await closed;
  assertEquals([rig.task(id).state, rig.statuses(id)], ["queued", ["interrupted"]]);
  assertEquals(rig.store.checkpoints.get(id), Uint8Array.of(9));
});

Deno.test("TaskScheduler.close() waits no longer than its grace for a state that does not come", async () => {
  const rig = new SchedulerRig({ isSaved: true }), id = rig.add({ engine: "interpreter" });
  rig.start(id);
  await settled();
  const saving = Promise.withResolvers<Uint8Array<ArrayBuffer>>(), { guest } = rig;
  guest.saving = saving.promise;
  const stop = guest.stop.bind(guest);
  guest.stop = () => {
    saving.reject(new Error("it has ended"));
    stop();
  };
  const closed = rig.scheduler.close(1000);
  await rig.timers.pass(1000);
  await closed;
  assertEquals([rig.task(id).state, rig.statuses(id)], ["interrupted", ["interrupted"]]);
});

Deno.test("TaskScheduler.start() of an active task leaves its checkpoint", async () => {
  const rig = new SchedulerRig({ isSaved: true });
  const id = rig.add({ engine: "interpreter", checkpointEvery: "1s" });
  rig.start(id);
  await settled();
  await rig.timers.pass(1500);
  assertThrows(() => rig.start(id), Error, "Cannot start");
  assert(rig.store.checkpoints.has(id), "it is still there");
});

/** Kills the process: what is in the store is all that is left. */
function afterKill(rig: SchedulerRig, options = {}): SchedulerRig {
  const next = new SchedulerRig({ ...options, store: rig.store });
  next.setBy = rig.now() - next.now() + 100;
  next.scheduler.recover();
  return next;
}

Deno.test("TaskScheduler.recover() leaves a task stopped that was stopped, though it may be tried again", async () => {
  const rig = new SchedulerRig(), id = rig.add({ retries: { count: 5, interrupted: true } });
  rig.start(id);
  await settled();
  rig.guest.stop = () => {}; // it has not heard of it yet
  rig.scheduler.stop(rig.task(id));
  const next = afterKill(rig);
  const { state, executions, failures } = next.task(id);
  assertEquals([state, executions, failures, next.statuses(id)], ["stopped", 1, 1, ["interrupted"]]);
});

for (
  const [name, retries, state, live] of [
    ["that may not be done twice", { count: 5 }, "interrupted", 0],
    ["that may be done twice", { count: 5, interrupted: true }, "paused", 0],
  ] as const
) {
  Deno.test(`TaskScheduler.recover() accounts for a paused task ${name}`, async () => {
    const rig = new SchedulerRig(), id = rig.add({ retries });
    rig.start(id);
    await settled();
    rig.scheduler.pause(rig.task(id));
    const next = afterKill(rig);
    await settled();
    assertEquals([next.task(id).state, next.scheduler.live, next.statuses(id)], [state, live, [
      "interrupted",
    ]]);
    if (state !== "paused") return;
    next.scheduler.resume(next.task(id));
    await settled();
    assertEquals([next.task(id).state, next.task(id).attempt, next.task(id).trigger], [
      "running",
      2,
      "recovery",
    ]);
  });
}

Deno.test("TaskScheduler.recover() goes on from a checkpoint, and not for ever from the same", async () => {
  let rig = new SchedulerRig({ isSaved: true });
  const id = rig.add({ engine: "interpreter", checkpointEvery: "1s" });
  rig.start(id);
  await settled();
  await rig.timers.pass(1500);
  let processes = 0;
  for (; rig.task(id).state === "running" && processes < 100; processes++) {
    rig = afterKill(rig, { isSaved: true });
    await settled();
  }
  assertEquals([rig.task(id).state, rig.store.checkpoints.has(id)], ["interrupted", false]);
  assert(processes > 10 && processes < 30, `${processes} processes`);
  assertEquals(new Set(rig.statuses(id)), new Set(["interrupted"]));
});

Deno.test("TaskScheduler keeps the checkpoint of a guest that cannot go on for a while, and tries again", async () => {
  const rig = new SchedulerRig({ isSaved: true });
  const id = rig.add({ engine: "interpreter", checkpointEvery: "1s" });
  rig.start(id);
  await settled();
  await rig.timers.pass(1500);
  const unrestorable = [
    new AegisError("TooManySandboxes", "no room"),
    new RangeError("Array buffer allocation failed"),
  ];
  const next = afterKill(rig, { isSaved: true, unrestorable });
  await settled();
  assertEquals([next.task(id).state, next.task(id).error], ["waiting", "no room"]);
  for (let second = 0; next.task(id).state !== "running" && second < 10; second++) {
    assert(next.store.checkpoints.has(id), "the checkpoint is still there");
    await next.timers.pass(1000);
    await settled();
  }
  assertEquals([next.task(id).state, next.restored.length], ["running", 3]);
  next.guest.end();
  await settled();
  assertEquals([next.task(id).state, next.store.checkpoints.has(id)], ["completed", false]);
  assertEquals(next.statuses(id), ["interrupted", "interrupted", "interrupted", "succeeded"]);
});

Deno.test("TaskScheduler tries a guest that cannot go on not for ever, and one with a bad checkpoint once", async () => {
  for (const code of ["TooManySandboxes", "SnapshotInvalid"] as const) {
    const rig = new SchedulerRig({ isSaved: true });
    const id = rig.add({ engine: "interpreter", checkpointEvery: "1s" });
    rig.start(id);
    await settled();
    await rig.timers.pass(1500);
    const unrestorable = Array.from({ length: 100 }, () => new AegisError(code, "no"));
    const next = afterKill(rig, { isSaved: true, unrestorable });
    await settled();
    for (let minute = 0; next.task(id).state === "waiting" && minute < 100; minute++) {
      await next.timers.pass(65_000);
      await settled();
    }
    const tries = next.restored.length;
    assertEquals([next.task(id).state, next.store.checkpoints.has(id)], ["failed", false], code);
    assert(code === "SnapshotInvalid" ? tries === 1 : tries > 10 && tries < 30, `${tries} tries`);
  }
});

Deno.test("TaskScheduler.recover() finds a task that runs without an execution", () => {
  const rig = new SchedulerRig(), id = rig.add();
  rig.store.tasks.change(id, { state: "running" }, 1);
  rig.scheduler.recover();
  assertEquals(rig.task(id).state, "interrupted");
});

Deno.test("TaskScheduler accounts for every task when any one transaction fails, and tells nothing of that one", async () => {
  for (let failing = 1;; failing++) {
    const rig = new SchedulerRig(), ids = [rig.add(), rig.add({ retries: { count: 1, delay: 10 } })];
    rig.store.failing = new Set([failing]);
    for (const id of ids) {
      try {
        rig.start(id);
      } catch {
        assertEquals(rig.task(id).state, "ready", "whoever starts it is told");
        rig.start(id);
      }
    }
    await settled();
    for (let step = 0; step < 30; step++) {
      await rig.timers.pass(400);
      for (const [index, guest] of rig.guests.entries()) {
        if (index === 1) guest.trap();
        else guest.end();
      }
      await settled();
    }
    for (const id of ids) {
      assertEquals(
        rig.task(id).state === "completed" || rig.task(id).error?.includes("disk I/O"),
        true,
        rig.task(id).state,
      );
      assert(!rig.statuses(id).includes("running"), "no execution is left running");
      assertEquals(rig.task(id).executions, rig.statuses(id).length);
      const changes = rig.told.filter((event) => event.type === "task_state" && event.task === id);
      let state: string = "ready";
      for (const event of changes) {
        assert(event.type === "task_state" && event.from === state, "what was told is what was committed");
        state = event.to;
      }
      assertEquals(state, rig.task(id).state);
    }
    assertEquals([rig.scheduler.live, rig.scheduler.waiting, rig.timers.pending], [0, 0, 0]);
    if (rig.store.transactions < failing) return assert(failing > 5, "some have failed");
  }
});

Deno.test("TaskScheduler goes on when a store that has failed for long is well again", async () => {
  const rig = new SchedulerRig({ slots: 2 }), ids = [1, 2, 3].map(() => rig.add());
  for (const id of ids) rig.start(id);
  await settled();
  rig.store.failAll = true;
  for (const guest of rig.guests) guest.end();
  await rig.timers.pass(5000);
  assertEquals([rig.scheduler.live, rig.guests.length], [0, 2], "nothing begins meanwhile");
  assert(rig.reports.length >= 5, "it is reported");
  rig.store.failAll = false;
  await rig.timers.pass(1000);
  assertEquals(ids.map((id) => rig.task(id).state), ["completed", "completed", "running"]);
  rig.guest.end();
  await settled();
  assertEquals(rig.statuses(ids[2] ?? ""), ["succeeded"]);
});

Deno.test("TaskScheduler does not fail a task anew for an end that the store takes late", async () => {
  const rig = new SchedulerRig(), id = rig.add();
  rig.start(id);
  await settled();
  rig.store.failing = new Set([rig.store.transactions + 1, rig.store.transactions + 2]);
  rig.guest.trap();
  await settled();
  assertEquals(rig.task(id).state, "running");
  rig.scheduler.stop(rig.task(id));
  rig.start(id);
  await settled();
  await rig.timers.pass(1000);
  assertEquals([rig.task(id).state, rig.statuses(id)], ["running", ["failed", "running"]]);
});

Deno.test("TaskScheduler.close() lets a guest go on for a moment that stands still where its state cannot be told", async () => {
  const rig = new SchedulerRig({ isSaved: true }), id = rig.add({ engine: "interpreter" });
  rig.start(id);
  await settled();
  const saving = Promise.withResolvers<Uint8Array<ArrayBuffer>>(), { guest } = rig;
  guest.saving = saving.promise;
  rig.scheduler.pause(rig.task(id));
  const resume = guest.resume.bind(guest);
  guest.resume = () => {
    resume();
    saving.resolve(Uint8Array.of(7));
  };
  const closed = rig.scheduler.close(10_000);
  await rig.timers.pass(1000);
  await closed;
  assertEquals([rig.task(id).state, rig.store.checkpoints.get(id)], ["paused", Uint8Array.of(7)]);
});
