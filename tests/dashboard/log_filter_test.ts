import { assertEquals } from "../assert.ts";
import { isShown, LOG_SOURCES, LOG_THRESHOLDS, severity } from "../../src/dashboard/log_filter.ts";
import { ALERT_LEVELS } from "../../src/core/alert_level.ts";
import { LOG_LEVELS } from "../../src/core/log_level.ts";
import { LOG_SOURCES as ALL } from "../../src/tasks/captured_log.ts";

const ALL_LINES = { source: "", level: "", text: "" };

Deno.test("all sources of lines can be chosen, and all levels have a severity in their order", () => {
  assertEquals([...LOG_SOURCES], [...ALL]);
  const of = (levels: object) => Object.keys(levels).map((level) => severity({ source: "log", level }));
  assertEquals(of(LOG_LEVELS), [4, 3, 2, 1, 0]);
  assertEquals(of(ALERT_LEVELS), [2, 3, 4, 5]);
  assertEquals(LOG_THRESHOLDS.map((level) => severity({ source: "log", level })), [1, 2, 3, 4, 5]);
  assertEquals([severity({ source: "stdout" }), severity({ source: "denial" })], [2, 3]);
});

Deno.test("isShown() takes a line that fits source, level and text, where each that is empty fits all", () => {
  const line = { time: 0, source: "log", level: "warn", text: "A Line" } as const;
  const shown = (filter: Partial<typeof ALL_LINES>) => isShown(line, { ...ALL_LINES, ...filter }, "Task");
  assertEquals([shown({}), shown({ source: "log" }), shown({ source: "stdout" })], [true, true, false]);
  assertEquals([shown({ level: "info" }), shown({ level: "warning" }), shown({ level: "error" })], [
    true,
    true,
    false,
  ]);
  assertEquals([shown({ text: "a l" }), shown({ text: "TASK" }), shown({ text: "other" })], [
    true,
    true,
    false,
  ]);
  assertEquals(shown({ source: "log", level: "error", text: "line" }), false);
});
