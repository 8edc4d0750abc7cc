import { assertEquals, assertThrows } from "../assert.ts";
import type { Cost } from "../../bench/fuel/cost.ts";
import { marksOf } from "../../bench/fuel/marks.ts";
import { readOptions } from "../../bench/fuel/options.ts";
import { isMet } from "../../bench/page/figure.ts";
import type { Results } from "../../bench/fuel/results.ts";

function cost(name: string, group: Cost["group"], ratio: number): Cost {
  const times = { bare: 1, variant: ratio, ratio, paired: ratio, best: ratio };
  return { name, group, ...times, units: 1, nanosecondsPerUnit: 1, size: 1, instrumentedSize: 1 };
}

const RESULTS: Results = { deno: "", v8: "", quick: true };

Deno.test("marksOf() sums up each group apart, and names the worst", () => {
  const costs = [
    cost("even", "kernel", 1),
    cost("slow", "kernel", 1.21),
    cost("fib", "recursion", 4),
    cost("theirs", "third party", 9),
  ];
  const marks = marksOf({ ...RESULTS, costs });
  const [mean, worst] = marks;
  assertEquals(mean?.name, "kernels, geometric mean");
  assertEquals(mean?.value.toFixed(6), "1.100000");
  assertEquals([worst?.value, worst?.of], [1.21, "slow"]);
  assertEquals(marks.filter((mark) => !isMet(mark)).map((mark) => mark.name), [
    "kernels, geometric mean",
    "recursion, worst",
  ]);
});

Deno.test("isMet() holds a speed from below and a latency from above", () => {
  const kill = { name: "adds", kills: 1, p50: 1, p99: 10.5, most: 11 };
  const pipeline = { size: 1, stages: [{ stage: "all", milliseconds: 1, megabytesPerSecond: 51 }] };
  assertEquals(marksOf({ ...RESULTS, kills: [kill], pipeline }).map((mark) => [mark.name, isMet(mark)]), [
    ["pipeline", true],
    ["kill latency, worst p99", false],
  ]);
  assertEquals(marksOf(RESULTS), []);
});

Deno.test("readOptions() refuses what it cannot measure", () => {
  const read = (...args: string[]) => readOptions(args, ["fib-c", "sql.js"]);
  assertEquals(read("--only", "fib-c, sql.js").only, ["fib-c", "sql.js"]);
  assertEquals([read().kills, read("--only=fib-c").kills, read("--skip-kill").kills], [true, false, false]);
  assertEquals([read().costs, read("--kill-only").costs], [true, false]);
  assertThrows(() => read("--only", "fib"), TypeError, 'Cannot measure only "fib": use fib-c, sql.js');
  assertThrows(() => read("--skip-kill", "--kill-only"), TypeError, "Cannot skip kills and do them alone");
  assertThrows(() => read("--slow"), TypeError);
});
