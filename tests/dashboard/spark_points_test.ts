import { assertEquals } from "../assert.ts";
import { MOST_POINTS, sparkPoints } from "../../src/dashboard/monitor/spark_points.ts";

Deno.test("sparkPoints() ends at the right edge, is as high as its highest value, and flat where there is nothing", () => {
  const corners = (values: readonly number[]) =>
    sparkPoints(values).split(" ").map((corner) => corner.split(",").map(Number));
  const whole = corners(Array.from({ length: MOST_POINTS }, (_, at) => at));
  assertEquals([whole[0], whole.at(-1)], [[0, 17], [72, 1]]);
  assertEquals(corners([5, 10]), [[70.8, 9], [72, 1]]);
  assertEquals(corners([0, 0]).map(([, y]) => y), [17, 17]);
});
