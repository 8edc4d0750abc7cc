import { assert, assertEquals, assertThrows } from "../assert.ts";
import { compare, measureRatios } from "../../bench/fuel/compare.ts";

const EFFORT = { warmUp: 0, mostWarmUp: 50, pairs: 3 };

/** Spins for so long: a clock of its own would be a fake of what is compared. */
function spin(milliseconds: number): () => number {
  return () => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    return 1;
  };
}

Deno.test("compare() finds the ratio of the two ways, by medians, pairs and the best", () => {
  const { name, bare, variant, ratio, paired, best } = compare(
    { name: "spin", bare: spin(1), variant: spin(3) },
    EFFORT,
  );
  assertEquals(name, "spin");
  assert(bare >= 1 && variant >= 3);
  // Others may use the machine: the fastest samples tell what was asked for.
  assert(best > 2 && best < 4, `${best}`);
  assert(ratio > 0 && paired > 0);
});

Deno.test("compare() takes turns, the way that comes first included", () => {
  let order = "";
  const way = (letter: string) => () => {
    order += letter;
    return 0;
  };
  measureRatios([{ name: "order", bare: way("b"), variant: way("v") }], { ...EFFORT, pairs: 4 });
  assertEquals(order.slice(-8), "bvvbbvvb");
});

Deno.test("compare() refuses two ways that do not return the same", () => {
  const subject = { name: "wrong", bare: () => 1, variant: () => 2 };
  assertThrows(() => compare(subject, EFFORT), Error, '"wrong" returned 1 bare and 2 as a variant');
});
