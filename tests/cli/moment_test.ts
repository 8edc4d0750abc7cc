import { parseMoment } from "../../src/cli/moment.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const NOW = Date.UTC(2026, 2, 1, 12);

function read(word: string): string {
  return new Date(parseMoment(word, { flag: "since", now: NOW })).toISOString();
}

Deno.test("parseMoment() takes what names no zone for UTC, wherever the machine stands", () => {
  assertEquals(read("2026-03-01"), "2026-03-01T00:00:00.000Z");
  assertEquals(read("2026-03-01T12:30"), "2026-03-01T12:30:00.000Z");
  assertEquals(read("2026-03-01 12:30:05"), "2026-03-01T12:30:05.000Z");
  assertEquals(read("2026-03-01T12:30:05.250Z"), "2026-03-01T12:30:05.250Z");
  assertEquals(read("2026-03-01T12:30:05-05:00"), "2026-03-01T17:30:05.000Z");
  assertEquals(read("90m"), "2026-03-01T10:30:00.000Z");
});

Deno.test("parseMoment() refuses days that no month has, and what stands behind a date", () => {
  for (
    const word of [
      "2026-02-30",
      "2026-13-01",
      "2026-03-01 (or so)",
      "2026-03-01T25:00",
      "2026-03-01T12",
      "2026-03-01Z",
      "2026-03",
      "-1h",
      "",
    ]
  ) assertThrows(() => read(word), AegisError, "Cannot read the time");
});
