import { AegisError } from "../../src/core/errors.ts";
import { formatByteSize, formatDuration } from "../../src/core/unit_text.ts";
import { parseByteSize, parseCount, parseDuration } from "../../src/core/units.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";

/** Fails unless `read` refuses with `InvalidOption` and names the field. */
function assertRefused(read: () => unknown, what: string): AegisError {
  const error = assertThrows(read, AegisError, undefined, what);
  assertEquals(error.code, "InvalidOption", what);
  assertEquals(error.field, "knob", what);
  return error;
}

/** What no reader of amounts may accept, whatever its units. */
const NEVER = [
  "",
  " ",
  "-1",
  "+1",
  "1e6",
  "0x10",
  ".5",
  "5.",
  "1.2.3",
  "1,000",
  "_1",
  "1 2",
  "1parsec",
  "1constructor",
  "1__proto__",
  "١",
  "NaN",
  "Infinity",
];

Deno.test("parseByteSize() reads every unit, in any case and with a space before it", () => {
  const table: [string, number][] = [
    ["0", 0],
    ["4096", 4096],
    ["4_096", 4096],
    ["7b", 7],
    ["64k", 65536],
    ["64KB", 64000],
    ["64KiB", 65536],
    ["1M", 1048576],
    ["1mb", 1000000],
    ["1MiB", 1048576],
    ["2G", 2147483648],
    ["2gb", 2000000000],
    ["2 GiB", 2147483648],
    ["1.5GiB", 1610612736],
    ["  1KiB  ", 1024],
  ];
  for (const [text, bytes] of table) assertEquals(parseByteSize(text, "knob"), bytes, text);
});

Deno.test("parseByteSize() takes a whole number as bytes", () => {
  assertEquals(parseByteSize(0, "knob"), 0);
  assertEquals(parseByteSize(Number.MAX_SAFE_INTEGER, "knob"), Number.MAX_SAFE_INTEGER);
  for (const value of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53]) {
    assertRefused(() => parseByteSize(value, "knob"), String(value));
  }
});

Deno.test("parseByteSize() multiplies decimal fractions exactly", () => {
  // 1.001 * 1e6 is 1000999.9999999999 in doubles.
  assertEquals(parseByteSize("1.001MB", "knob"), 1_001_000);
  assertEquals(parseByteSize("0.3KB", "knob"), 300);
  assertRefused(() => parseByteSize("0.3KiB", "knob"), "307.2 bytes");
  assertRefused(() => parseByteSize("0.5", "knob"), "half a byte");
});

Deno.test("parseByteSize() refuses what is no size, and more than a safe integer", () => {
  for (const text of [...NEVER, "1ms", "1TiB", "8388608GiB", "9007199254740992"]) {
    assertRefused(() => parseByteSize(text, "knob"), text);
  }
  assertEquals(parseByteSize("9007199254740991", "knob"), Number.MAX_SAFE_INTEGER);
});

Deno.test("parseDuration() reads every unit as milliseconds", () => {
  const table: [string, number][] = [
    ["0ms", 0],
    ["500ms", 500],
    ["0.5ms", 0.5],
    ["10s", 10_000],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["2min", 120_000],
    ["1H", 3_600_000],
    ["250", 250],
  ];
  for (const [text, milliseconds] of table) assertEquals(parseDuration(text, "knob"), milliseconds, text);
  assertEquals(parseDuration(2.5, "knob"), 2.5);
});

Deno.test("parseDuration() gives text without a unit the unit of the caller, but never a number", () => {
  assertEquals(parseDuration("10", "knob", "s"), 10_000);
  assertEquals(parseDuration("10ms", "knob", "s"), 10);
  assertEquals(parseDuration(10, "knob", "s"), 10);
});

Deno.test("parseDuration() refuses what is no time", () => {
  for (const text of [...NEVER, "1d", "1us", "9007199254740992ms", "2501999792984h"]) {
    assertRefused(() => parseDuration(text, "knob"), text);
  }
  for (const value of [-1, -0.001, NaN, Infinity, 2 ** 53]) {
    assertRefused(() => parseDuration(value, "knob"), String(value));
  }
});

Deno.test("parseCount() reads every unit exactly", () => {
  const table: [string | number | bigint, bigint][] = [
    ["0", 0n],
    ["1_000_000", 1_000_000n],
    ["10K", 10_000n],
    ["5M", 5_000_000n],
    ["1B", 1_000_000_000n],
    ["1g", 1_000_000_000n],
    ["2T", 2_000_000_000_000n],
    ["1.5K", 1500n],
    ["9007199254740993", 9_007_199_254_740_993n],
    [7, 7n],
    [7n, 7n],
    [2n ** 70n, 2n ** 70n],
  ];
  for (const [value, count] of table) assertEquals(parseCount(value, "knob"), count, String(value));
});

Deno.test("parseCount() refuses what is no count", () => {
  for (const text of [...NEVER, "1.5", "0.0001K", "1KiB", "unlimited"]) {
    assertRefused(() => parseCount(text, "knob"), text);
  }
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53, -1n]) {
    assertRefused(() => parseCount(value, "knob"), String(value));
  }
});

Deno.test("the readers of amounts refuse values of other types instead of coercing them", () => {
  for (const value of [null, undefined, true, {}, ["5"], [5]]) {
    // As they arrive from JSON or from callers without types.
    const untyped = value as unknown as string;
    assertRefused(() => parseByteSize(untyped, "knob"), `size ${value}`);
    assertRefused(() => parseDuration(untyped, "knob"), `time ${value}`);
    assertRefused(() => parseCount(untyped, "knob"), `count ${value}`);
  }
});

Deno.test("the readers of amounts spend no time on long text", () => {
  const started = performance.now();
  for (const text of [`1${" ".repeat(200_000)}!`, "9".repeat(2_000_000), `0.${"0".repeat(2_000_000)}1`]) {
    const message = assertRefused(() => parseByteSize(text, "knob"), "size").message;
    assert(message.length < 400, `message of ${message.length} characters`);
    assertRefused(() => parseDuration(text, "knob"), "time");
    assertRefused(() => parseCount(text, "knob"), "count");
  }
  assert(performance.now() - started < 1000, "quadratic or worse");
});

Deno.test("a refused amount is quoted beside what is allowed", () => {
  const { message } = assertRefused(() => parseByteSize('6"4\n', "knob"), "quotes");
  assertStringIncludes(message, 'Cannot read knob "6\\"4\\n" as a size: ');
  assertStringIncludes(message, '"64MiB"');
});

Deno.test("formatByteSize() takes the largest binary unit that divides", () => {
  const table: [number, string][] = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [1000, "1000 bytes"],
    [1024, "1KiB"],
    [65536, "64KiB"],
    [1024 ** 2 + 1024, "1025KiB"],
    [64 * 1024 ** 2, "64MiB"],
    [3 * 1024 ** 3, "3GiB"],
    [1024 ** 3 + 1, "1073741825 bytes"],
  ];
  for (const [bytes, text] of table) assertEquals(formatByteSize(bytes), text);
});

Deno.test("formatDuration() prints three units and never a thousand of a smaller one", () => {
  const table: [number, string][] = [
    [0, "0.0µs"],
    [0.0123, "12.3µs"],
    [0.99999, "1.00ms"],
    [4.56, "4.56ms"],
    [999.99, "999.99ms"],
    [999.999, "1.00s"],
    [1200, "1.20s"],
    [30_000, "30.00s"],
  ];
  for (const [milliseconds, text] of table) assertEquals(formatDuration(milliseconds), text);
});
