import { assertEquals, assertThrows } from "../assert.ts";
import { geometricMean, largest, median, percentile } from "../../bench/fuel/statistics.ts";

Deno.test("median() is the middle value, or the mean of two, whatever the order", () => {
  assertEquals(median([7]), 7);
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([10, 1, 100, 4]), 7);
});

Deno.test("percentile() is a value that was seen: the nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assertEquals([0, 1, 50, 99, 100].map((percent) => percentile(hundred, percent)), [1, 1, 50, 99, 100]);
  assertEquals(percentile([3, 1, 2], 50), 2);
  assertEquals(percentile([3, 1, 2, 4], 99), 4);
});

Deno.test("geometricMean() lets doubling and halving cancel out", () => {
  assertEquals(geometricMean([2, 0.5]), 1);
  assertEquals(Math.round(geometricMean([1, 10, 100]) * 1e9), 10e9);
});

Deno.test("largest() looks at all values", () => {
  assertEquals(largest([1, 3, 2]), 3);
});

Deno.test("statistics refuse an empty list", () => {
  for (const summarise of [median, geometricMean, largest, (list: number[]) => percentile(list, 50)]) {
    assertThrows(() => summarise([]), RangeError);
  }
});
