import type { ActivityItem, LogLine } from "../../../src/dashboard/api_types.ts";
import { marksOf, type Timeline, timelineOf } from "../../../src/dashboard/tasks/timeline.ts";
import { assertEquals } from "../../assert.ts";
import { EXECUTION } from "./samples.ts";

const CALL: ActivityItem = {
  time: 1010,
  until: 1090,
  kind: "call",
  capability: "sensor",
  action: "read",
  target: "3",
  detail: null,
  count: 2500,
};
const DENIAL: ActivityItem = {
  ...CALL,
  kind: "denial",
  time: 1020,
  until: 1020,
  count: 1,
  detail: "no grant",
};
const line = (time: number, source: LogLine["source"], text = "said"): LogLine => ({ time, source, text });

const textsOf = ({ entries }: Timeline) => entries.map(({ lane, at, text }) => `${at} ${lane} ${text}`);

Deno.test("timelineOf() puts everything in order, and tells nothing twice", () => {
  const alert: ActivityItem = { ...CALL, kind: "alert", capability: "alert", action: "send", target: "info" };
  const timeline = timelineOf({
    execution: EXECUTION,
    activity: [CALL, DENIAL, alert],
    lines: [line(1010, "stdout"), { ...line(1015, "alert"), level: "critical" }, line(1100, "denial")],
    now: 9999,
  });
  assertEquals(textsOf(timeline), [
    "990 life Queued",
    "1000 life Started",
    `1010 call sensor read 3, ${(2500).toLocaleString()} times`,
    "1010 log stdout: said",
    "1015 alert alert critical: said",
    "1020 denial sensor read 3: no grant",
    "1100 life Ended: Trapped: unreachable executed",
  ]);
  assertEquals(timeline.entries.filter(({ bad }) => bad).map(({ lane }) => lane), [
    "alert",
    "denial",
    "life",
  ]);
  assertEquals([timeline.endedAt, timeline.running], [1100, false]);
});

Deno.test("timelineOf() tells of what is in one source alone, and of a run that goes on until now", () => {
  const running = { ...EXECUTION, status: "running", finishedAt: null, outcome: null } as const;
  const timeline = timelineOf({
    execution: running,
    activity: [],
    lines: [line(1005, "denial", "x".repeat(500))],
    now: 5000,
  });
  assertEquals(timeline.entries.map(({ lane }) => lane), ["life", "life", "denial"]);
  assertEquals(timeline.entries.at(-1)?.text.length, "denial: ".length + 201);
  assertEquals([timeline.endedAt, timeline.running], [5000, true]);
});

Deno.test("marksOf() makes one mark of what stands closer together than the gap", () => {
  const lines = [1000, 1001, 1004, 1050].map((time) => line(time, "log"));
  const timeline = timelineOf({ execution: EXECUTION, activity: [], lines, now: 0 });
  assertEquals(
    marksOf(timeline, "log", 4).map(({ at, until, entries }) => [at, until, entries.length]),
    [[1000, 1004, 3], [1050, 1050, 1]],
  );
  assertEquals(marksOf(timeline, "log", 0.1).length, 4);
  assertEquals(marksOf(timeline, "call", 1), []);
});
