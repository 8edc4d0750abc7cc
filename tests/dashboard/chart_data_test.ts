import { assertEquals } from "../assert.ts";
import { latest, stacked, sums, withGaps } from "../../src/dashboard/chart_data.ts";

Deno.test("withGaps() ends a line where nothing was measured for long, and nowhere else", () => {
  assertEquals(withGaps([[1, 2, 3, 9], [5, 6, 7, 8], [1, null, 3, 4]], 3.5), [
    [1, 2, 3, 4.75, 9],
    [5, 6, 7, null, 8],
    [1, null, 3, null, 4],
  ]);
  assertEquals(withGaps([[1, 4.5], [5, 6]], 3.5), [[1, 4.5], [5, 6]]);
  assertEquals(withGaps([[], []], 3.5), [[], []]);
});

Deno.test("stacked() puts each series on those before it, the highest first, and nothing where nothing is", () => {
  assertEquals(stacked([[1, 2, 3], [1, 2, null], [10, null, null], [100, 0, null]]), [
    [1, 2, 3],
    [111, 2, null],
    [11, 2, null],
    [1, 2, null],
  ]);
});

Deno.test("latest() and sums() tell one value of each series, and null where it has none", () => {
  const data = [[1, 2, 3], [1, 2, null], [null, null, null], [0, 5, 7]] as const;
  assertEquals(latest(data), [2, null, 7]);
  assertEquals(sums(data), [3, null, 12]);
});
