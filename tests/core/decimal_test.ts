import { decimalToFloat32 } from "../../src/core/decimal.ts";
import { assert, assertEquals } from "../assert.ts";

/** 1 + 2^-24: exactly between two single-precision numbers, of which 1 is the even one. */
const MIDDLE = "1.000000059604644775390625";
const ABOVE_ONE = 1 + 2 ** -23;

Deno.test("decimalToFloat32() rounds once where a double would round twice", () => {
  assertEquals(decimalToFloat32(MIDDLE), 1);
  const justAbove = `${MIDDLE}0000000000000000001`;
  assertEquals(Math.fround(Number(justAbove)), 1, "rounding twice is wrong here, or this test shows nothing");
  assertEquals(decimalToFloat32(justAbove), ABOVE_ONE);
  assertEquals(decimalToFloat32(`-${justAbove}`), -ABOVE_ONE);
  // Between the next two, where the even one lies above and a decimal just below must go down.
  const middle = "1.000000178813934326171875";
  assertEquals(decimalToFloat32(middle), 1 + 2 ** -22);
  const justBelow = "1.0000001788139343261718749999999999999999";
  assertEquals(Math.fround(Number(justBelow)), 1 + 2 ** -22);
  assertEquals(decimalToFloat32(justBelow), ABOVE_ONE);
});

Deno.test("decimalToFloat32() reads exponents exactly around the smallest number", () => {
  const half =
    "7.00649232162408535461864791644958065640130970938257885878534141944895541342930300743319094181060791015625e-46";
  assertEquals(decimalToFloat32(half), 0);
  assertEquals(decimalToFloat32(half.replace("e-46", "1e-46")), 2 ** -149);
  assert(Object.is(decimalToFloat32(`-${half}`), -0));
  assertEquals(decimalToFloat32("1e-400"), 0);
});

Deno.test("decimalToFloat32() keeps what lies nearer to the largest number than to 2^128", () => {
  const largest = 2 ** 128 - 2 ** 104;
  const middle = 2n ** 128n - 2n ** 103n;
  assertEquals(decimalToFloat32(String(middle)), Infinity);
  assertEquals(decimalToFloat32(String(middle - 1n)), largest);
  assertEquals(decimalToFloat32(`-${middle - 1n}`), -largest);
  assertEquals(decimalToFloat32("1e400"), Infinity);
});

Deno.test("decimalToFloat32() agrees with Math.fround() wherever a double is exact", () => {
  for (let seed = 1, round = 0; round < 2000; round++) {
    seed = (seed * 48271) % 2147483647;
    const single = new DataView(new Uint32Array([seed * 2]).buffer).getFloat32(0, true);
    if (!Number.isFinite(single)) continue;
    assertEquals(decimalToFloat32(String(single)), single, String(single));
  }
});
