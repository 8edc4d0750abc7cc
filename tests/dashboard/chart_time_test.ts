import { assert, assertEquals, assertMatch } from "../assert.ts";
import { momentText, tickTexts } from "../../src/dashboard/chart_time.ts";

/** Seconds of a moment of the clock of whoever runs this. */
function at(
  ...parts: [year: number, month: number, day: number, hour?: number, minute?: number, second?: number]
): number {
  return new Date(...parts).getTime() / 1000;
}

Deno.test("tickTexts() says the day at the first tick and where it changes, and no more of a time than its step needs", () => {
  const hours = tickTexts([at(2026, 2, 1, 22), at(2026, 2, 1, 23), at(2026, 2, 2, 0)], 3600);
  assertEquals(hours.map((text) => text.includes("\n")), [true, false, true]);
  assert(hours.every((text) => text.split(":").length === 2), hours.join());
  const [seconds = "", more = ""] = tickTexts([at(2026, 2, 1, 12, 0, 5), at(2026, 2, 1, 12, 0, 10)], 5);
  assertMatch(seconds, /00:05.*\n/);
  assertMatch(more, /00:10/);
  assertMatch(tickTexts([at(2026, 2, 1, 12) + 0.25], 0.25)[0] ?? "", /00[.,]250/);
  const [day = ""] = tickTexts([at(2026, 2, 1)], 86_400);
  assert(!day.includes(":") && !day.includes("\n") && day.includes("1"), day);
  assertMatch(tickTexts([at(2026, 2, 1)], 31 * 86_400)[0] ?? "", /2026/);
  assertEquals(tickTexts([], 1), []);
});

Deno.test("momentText() tells a moment to the second, and a part of time by both of its ends", () => {
  assertMatch(momentText(at(2026, 2, 1, 12, 34, 56)), /34:56/);
  assertMatch(momentText(at(2026, 2, 1, 12, 30), 300), /:30.*:35/);
  assertMatch(momentText(at(2026, 2, 1, 12, 30), 15), /30:00.*30:15/);
});
