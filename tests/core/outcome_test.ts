import {
  AegisError,
  ExitError,
  HostCallsExceededError,
  MemoryExceededError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
} from "../../src/core/errors.ts";
import { ABORT_REASONS, type Outcome, outcomeError } from "../../src/core/outcome.ts";
import { assertEquals, assertInstanceOf, assertStrictEquals } from "../assert.ts";

type Failure = Exclude<Outcome, { kind: "value" }>;

Deno.test("outcomeError() gives each outcome that is no value its class, code and figures", () => {
  const frames = [{ functionIndex: 0, offset: 40 }];
  const table: [Failure, AegisError][] = [
    [{ kind: "exit", status: 3 }, new ExitError(3)],
    [
      { kind: "trap", trap: "unreachable", message: "unreachable executed", frames },
      new TrapError("unreachable", "unreachable executed", frames),
    ],
    [{ kind: "limit", limit: "fuel", consumed: 8n, allowed: 5n }, new OutOfFuelError(8n, 5n)],
    [{ kind: "limit", limit: "time", elapsed: 12, allowed: 10 }, new TimeoutError(12, 10)],
    [{ kind: "limit", limit: "memory", used: 65536, allowed: 70000 }, new MemoryExceededError(65536, 70000)],
    [{ kind: "limit", limit: "stack", allowed: 1024 }, new StackOverflowError(1024)],
    [{ kind: "limit", limit: "hostCalls", allowed: 9 }, new HostCallsExceededError(9)],
    [{ kind: "aborted", reason: "cancelled" }, new AegisError("Cancelled", "The call was cancelled")],
    [
      { kind: "aborted", reason: "closed" },
      new AegisError("Closed", "The sandbox was closed during the call"),
    ],
    [
      { kind: "fault", message: "out of memory" },
      new AegisError("GuestFault", "The guest's thread failed: out of memory"),
    ],
  ];
  for (const [outcome, expected] of table) {
    const error = outcomeError(outcome);
    assertInstanceOf(error, AegisError);
    assertStrictEquals(error.constructor, expected.constructor);
    assertEquals({ ...error, message: error.message }, { ...expected, message: expected.message });
  }
});

Deno.test("outcomeError() hands a host function's own error on, whatever it is", () => {
  for (const thrown of [new RangeError("mine"), "text", undefined, null, 0]) {
    assertStrictEquals(outcomeError({ kind: "hostError", error: thrown }), thrown);
  }
});

Deno.test("ABORT_REASONS keeps the codes that cross the channel", () => {
  assertEquals(ABORT_REASONS, { timeout: 1, cancelled: 2, closed: 3 });
});
