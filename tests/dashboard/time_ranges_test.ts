import { assertEquals } from "../assert.ts";
import {
  boundsOf,
  readTimeRange,
  TIME_RANGES,
  type TimeRangeName,
} from "../../src/dashboard/overview/time_ranges.ts";

const NOW = Date.UTC(2026, 2, 1, 12, 34, 56, 789);

Deno.test("readTimeRange() reads what it knows from an address, and an hour from all else", () => {
  assertEquals(["?range=week", "?a=b&range=month"].map(readTimeRange), ["week", "month"]);
  assertEquals(
    ["", "?range=", "?range=toString", "?range=Week", "?range=year"].map(readTimeRange),
    Array(5).fill("hour"),
  );
});

Deno.test("boundsOf() has parts begin at round times, and the last one not over yet", () => {
  for (const name of Object.keys(TIME_RANGES) as TimeRangeName[]) { // its keys
    const { width, count } = TIME_RANGES[name];
    for (const offset of [0, -60, 300, -330]) {
      for (const now of [NOW, Date.UTC(2026, 2, 1), Date.UTC(2026, 2, 1) - 1]) {
        const { since, until, buckets } = boundsOf(name, { now, offset });
        assertEquals([(until - since) / width, buckets, until > now && until - width <= now], [
          count,
          count,
          true,
        ], name);
        assertEquals((since - offset * 60_000) % width, 0, `${name} at ${offset}`);
      }
    }
  }
});

Deno.test("boundsOf() begins a day at the midnight of the person's clock", () => {
  // Two hours ahead of UTC: the day after 2026-03-01 begins at 22:00 of UTC.
  assertEquals(boundsOf("month", { now: NOW, offset: -120 }).until, Date.UTC(2026, 2, 1, 22));
});
