import { readRunEnd } from "../../src/tasks/run_end.ts";
import { AegisError, type CallValue, type Outcome } from "../../mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

const endOf = (
  ended: Parameters<typeof readRunEnd>[0]["ended"],
  stopped?: "stopped" | "deadline" | "shutdown",
) => readRunEnd({ ended, stopped, metrics: undefined });

const value = (...values: CallValue[]): Outcome => ({ kind: "value", values });

Deno.test("readRunEnd() takes what was done to its end as done, though it was told to stop", () => {
  const { status, results } = endOf(value(1), "stopped");
  assertEquals([status, results], ["succeeded", "[1]"]);
  assertEquals(endOf({ kind: "exit", status: 0 }, "shutdown").status, "succeeded");
});

Deno.test("readRunEnd() names how a run has ended", () => {
  assertEquals(endOf({ kind: "exit", status: 3 }).outcome, "exit:3");
  const error = new AegisError("MissingImport", "no such import");
  assertEquals([endOf({ error }).outcome, endOf({ error: new Error("x") }).outcome], [
    "MissingImport",
    "error",
  ]);
  const ends = (["stopped", "deadline", "shutdown"] as const).map((why) => endOf({ error }, why));
  assertEquals(ends.map(({ status, outcome }) => [status, outcome]), [
    ["stopped", "stopped"],
    ["failed", "deadline"],
    ["interrupted", "shutdown"],
  ]);
});

Deno.test("D37 readRunEnd() keeps neither results that are long nor those that are too deep to say, and says so", () => {
  const long = endOf(value("x".repeat(300_000)));
  assertEquals([long.status, long.results], ["succeeded", undefined]);
  assertStringIncludes(long.notice ?? "", "300004 characters");
  const deep = endOf(value(JSON.parse("[".repeat(200_000) + "]".repeat(200_000))));
  assertEquals([deep.status, deep.results], ["succeeded", undefined]);
  assert(deep.notice !== undefined, "it is said");
});

Deno.test("D37 readRunEnd() bounds what an error says", () => {
  assert((endOf({ error: new Error("x".repeat(100_000)) }).error?.length ?? 0) <= 4097);
});
