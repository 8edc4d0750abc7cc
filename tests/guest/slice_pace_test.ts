import { SlicePace } from "../../src/guest/slice_pace.ts";
import { assertEquals } from "../assert.ts";

/** The sizes of slices that take these milliseconds each; the first is the one that a call begins with. */
function sizes(pace: SlicePace, times: readonly number[]): number[] {
  let now = 1000;
  pace.begin();
  return times.map((took) => Number(pace.next(now += took)));
}

Deno.test("SlicePace makes slices larger while they take little time, up to a bound", () => {
  assertEquals(sizes(new SlicePace(100n, 1000n), [0, 0.1, 0.1, 0.1, 0.1, 0.1]), [
    100,
    200,
    400,
    800,
    1000,
    1000,
  ]);
});

Deno.test("SlicePace leaves slices that take between a quarter of a millisecond and one", () => {
  assertEquals(sizes(new SlicePace(100n, 1000n), [0, 0.1, 0.25, 0.5, 1]), [100, 200, 200, 200, 200]);
});

Deno.test("SlicePace makes slices smaller that take long, down to the least", () => {
  const fast = [0, 0.1, 0.1, 0.1];
  assertEquals(sizes(new SlicePace(100n, 1000n), [...fast, 1.5, 1.5]).slice(4), [400, 200]);
  assertEquals(sizes(new SlicePace(100n, 1000n), [...fast, 100, 0.1]).slice(4), [100, 200]);
});

Deno.test("SlicePace begins every call with the least", () => {
  const pace = new SlicePace(100n, 1000n);
  assertEquals(sizes(pace, [0]), [100]);
  assertEquals(sizes(pace, [0, 0.1, 0.1]), [100, 200, 400]);
  assertEquals(sizes(pace, [5, 0.1]), [100, 200]);
});

Deno.test("SlicePace keeps a fixed size where least and most are the same", () => {
  assertEquals(sizes(new SlicePace(1n, 1n), [0, 0.1, 0.1, 5, 0.1]), [1, 1, 1, 1, 1]);
});
