import { readRetryOptions, retryDelay, type RetryOptions } from "../../src/tasks/retry_policy.ts";
import { AegisError } from "../../mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

Deno.test("readRetryOptions() tries nothing again unless it is told to", () => {
  const policy = readRetryOptions({});
  assertEquals(policy, { count: 0, delay: 1000, factor: 2, longest: 300_000, interrupted: false });
  assertEquals(retryDelay(policy, 1, 1), undefined);
});

Deno.test("retryDelay() grows by the factor, up to the longest, and spreads", () => {
  const policy = readRetryOptions({ count: 4, delay: "1s", factor: 3, longest: "10s" });
  assertEquals([1, 2, 3, 4, 5].map((attempt) => retryDelay(policy, attempt, 1)), [
    1000,
    3000,
    9000,
    10_000,
    undefined,
  ]);
  assertEquals([1, 2, 3].map((attempt) => retryDelay(policy, attempt, 0)), [500, 1500, 4500]);
});

Deno.test("retryDelay() stays a number where the factor is a hundred times itself", () => {
  const policy = readRetryOptions({ count: 100, delay: 0, factor: 10 });
  assertEquals(retryDelay(policy, 100, 1), 0);
  assertEquals(retryDelay(readRetryOptions({ count: 100, factor: 10 }), 100, 1), 300_000);
});

Deno.test("readRetryOptions() refuses what is no policy", () => {
  const wrong = [
    { count: 101 },
    { count: -1 },
    { count: 1.5 },
    { factor: 0.5 },
    { factor: NaN },
    { delay: "soon" },
    { longest: "1000h" }, // no timer counts so far
    { interrupted: 1 },
    { times: 3 },
  ] as RetryOptions[];
  for (const options of wrong) {
    const error = assertThrows(() => readRetryOptions(options), AegisError);
    assertEquals(error.code, "InvalidOption");
    assert(error.field?.startsWith("retries"), JSON.stringify(options));
  }
});
