import { AegisError, type ErrorCode } from "../../mod.ts";
import { type ScheduleOptions, Schedules } from "../../src/tasks/schedules.ts";
import { TaskStore } from "../../src/tasks/store/task_store.ts";
import { readTaskOptions } from "../../src/tasks/task_settings.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { FakeTimers } from "../sandbox/pool_rig.ts";

const NOON = Date.UTC(2030, 0, 1, 12);

class SchedulesRig {
  readonly timers = new FakeTimers();
  /** Times at which the task was started. */
  readonly starts: string[] = [];
  readonly reports: string[] = [];
  readonly schedules: Schedules;
  /** What is added to the time of day: somebody sets the clock. */
  setBy: number;
  busy = false;
  failing = false;

  constructor(readonly store: TaskStore = new TaskStore(":memory:"), setBy = 0) {
    this.setBy = setBy;
    if (!store.modules.has("hash")) {
      store.modules.add({ hash: "hash", name: undefined, bytes: new Uint8Array(), now: NOON });
      const task = { id: "task", ...readTaskOptions({ name: "a task" }), module: "hash", createdAt: NOON };
      store.tasks.add({ ...task, requestKey: undefined });
    }
    this.schedules = new Schedules({
      store,
      timers: this.timers,
      now: () => this.now(),
      start: (_, alongside) => {
        if (this.failing) throw new Error("disk I/O error");
        if (this.busy) return false;
        store.transaction(alongside);
        this.starts.push(new Date(this.now()).toISOString().slice(11, 19));
        return true;
      },
      report: (error) => this.reports.push(String(error)),
    });
  }

  now(): number {
    return NOON + this.timers.now() + this.setBy;
  }

  add(cron: string, options: Partial<ScheduleOptions> = {}) {
    return this.schedules.add("task", { cron, ...options });
  }
}

const MINUTE = 60_000, HOUR = 60 * MINUTE;

Deno.test("Schedules starts a task each time that its expression comes true", async () => {
  const rig = new SchedulesRig(), { id } = rig.add("*/15 * * * *");
  await rig.timers.pass(HOUR);
  assertEquals(rig.starts, ["12:15:00", "12:30:00", "12:45:00", "13:00:00"]);
  const { lastAt, nextAt, skipped } = rig.schedules.get(id);
  assertEquals([lastAt, nextAt, skipped], [NOON + HOUR, NOON + HOUR + 15 * MINUTE, 0]);
});

Deno.test("Schedules reads seconds, time zones, names", async () => {
  const rig = new SchedulesRig();
  rig.add("*/20 * * * * *");
  await rig.timers.pass(MINUTE);
  assertEquals(rig.starts, ["12:00:20", "12:00:40", "12:01:00"]);
  const tokyo = rig.add("0 9 * * MON", { timezone: "Asia/Tokyo" });
  assertEquals(tokyo.nextAt, Date.UTC(2030, 0, 7, 0));
});

Deno.test("Schedules skips and counts a time at which the task is active", async () => {
  const rig = new SchedulesRig(), { id } = rig.add("* * * * *");
  rig.busy = true;
  await rig.timers.pass(3 * MINUTE);
  rig.busy = false;
  await rig.timers.pass(MINUTE);
  assertEquals([rig.starts, rig.schedules.get(id).skipped], [["12:04:00"], 3]);
});

Deno.test("Schedules.enable() turns it off and on, Schedules.remove() forgets it, and no timer is left", async () => {
  const rig = new SchedulesRig(), { id } = rig.add("* * * * *");
  rig.schedules.enable(id, false);
  assertEquals(rig.timers.pending, 0);
  await rig.timers.pass(5 * MINUTE);
  assertEquals(rig.schedules.enable(id, true).nextAt, NOON + 6 * MINUTE);
  await rig.timers.pass(MINUTE);
  rig.schedules.remove(id);
  assertEquals([rig.starts, rig.timers.pending, rig.schedules.list()], [["12:06:00"], 0, []]);
});

Deno.test("Schedules forgets what belongs to a task that is removed", async () => {
  const rig = new SchedulesRig();
  rig.add("* * * * *");
  rig.store.tasks.remove("task");
  rig.schedules.look();
  await rig.timers.pass(5 * MINUTE);
  assertEquals([rig.starts, rig.schedules.list(), rig.timers.pending], [[], [], 0]);
});

Deno.test("Schedules.begin() makes up for nothing that was due while there was no process, and counts it", async () => {
  const before = new SchedulesRig(), { id } = before.add("*/10 * * * *");
  before.schedules.close();
  const rig = new SchedulesRig(before.store, 65 * MINUTE);
  rig.schedules.begin();
  await rig.timers.pass(10 * MINUTE);
  assertEquals([rig.starts, rig.schedules.get(id).skipped], [["13:10:00"], 1]);
});

Deno.test("Schedules comes in time when the clock is set forward", async () => {
  const rig = new SchedulesRig();
  rig.add("0 18 * * *");
  await rig.timers.pass(10 * MINUTE);
  rig.setBy = 5 * HOUR + 45 * MINUTE;
  await rig.timers.pass(6 * MINUTE);
  assertEquals(rig.starts, ["18:00:00"]);
});

Deno.test("Schedules does not sleep for years when a clock that was ahead is set back", async () => {
  const rig = new SchedulesRig(undefined, 10 * 365 * 24 * HOUR);
  rig.add("*/5 * * * *");
  rig.schedules.begin();
  await rig.timers.pass(30_000);
  rig.setBy = 0;
  await rig.timers.pass(10 * MINUTE);
  assertEquals(rig.starts, ["12:05:00", "12:10:00"]);
  const next = new SchedulesRig(rig.store, -24 * HOUR);
  next.schedules.begin();
  await next.timers.pass(5 * MINUTE);
  assertEquals(next.starts, ["12:05:00"]);
});

Deno.test("Schedules does not start a task twice when the clock is set back a little", async () => {
  const rig = new SchedulesRig();
  rig.add("0 * * * *");
  await rig.timers.pass(HOUR + 10_000);
  rig.setBy = -30_000;
  await rig.timers.pass(5 * MINUTE);
  assertEquals(rig.starts, ["13:00:00"]);
});

Deno.test("Schedules goes on when the store has failed", async () => {
  const rig = new SchedulesRig(), { id } = rig.add("* * * * *");
  rig.failing = true;
  await rig.timers.pass(MINUTE + 5000);
  assert(rig.reports.length >= 3, "it is reported");
  rig.failing = false;
  await rig.timers.pass(MINUTE);
  assertEquals([rig.starts, rig.schedules.get(id).skipped], [["12:01:06", "12:02:00"], 0]);
});

Deno.test("Schedules turns off what cannot be read any more, and starts the others", async () => {
  const rig = new SchedulesRig(), lost = rig.add("* * * * *").id;
  rig.store.schedules.remove(lost);
  rig.store.schedules.add({ ...rig.add("* * * * *"), id: "lost", timezone: "Atlantis/Capital" });
  await rig.timers.pass(2 * MINUTE);
  assertEquals(rig.schedules.get("lost").enabled, false);
  assertEquals(rig.starts.filter((time) => time === "12:02:00").length, 1);
});

Deno.test("Schedules.add() refuses what is no schedule", () => {
  const rig = new SchedulesRig();
  const codeOf = (options: ScheduleOptions, task = "task"): ErrorCode =>
    assertThrows(() => rig.schedules.add(task, options), AegisError).code;
  for (const cron of ["", "* * * *", "61 * * * *", "* * * * * * *", "x".repeat(300), "@daily"]) {
    assertEquals(codeOf({ cron }), "InvalidOption", cron);
  }
  assertEquals(codeOf({ cron: "* * * * *", timezone: "Atlantis/Capital" }), "InvalidOption");
  assertEquals(codeOf({ cron: "* * * * *", enabled: 1 as unknown as boolean }), "InvalidOption");
  assertEquals(codeOf({ cron: "* * * * *", often: true } as ScheduleOptions), "InvalidOption");
  assertEquals(codeOf({ cron: "* * * * *" }, "none"), "NotFound");
});

Deno.test("G59 an expression that croner cannot follow to its end is refused, and no schedule is made", () => {
  const rig = new SchedulesRig();
  for (const cron of ["0 0 31 2,4,6,9,11 *", "0 0 30,31 2 *", "0 0 0 31 4,6 MON#5"]) {
    try {
      rig.add(cron);
    } catch (error) {
      assert(error instanceof AegisError, `${cron}: ${error}`);
      assertEquals([error.code, error.message.includes("an expression that comes true")], [
        "InvalidOption",
        true,
      ]);
    }
  }
  assertThrows(() => rig.add("0 0 31 2,4,6,9,11 *"), AegisError);
  rig.schedules.close();
});
