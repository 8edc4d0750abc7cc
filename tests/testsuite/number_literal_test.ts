import { assert, assertEquals, assertThrows } from "../assert.ts";
import { canonicalNaN, floatBits, integerBits, isNaNOf } from "./number_literal.ts";
import { Random } from "../wasm/random.ts";
import { seed } from "../wasm/verdict.ts";

function f64Bits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

Deno.test("floatBits() rounds decimals to f64 as JavaScript does", () => {
  const random = new Random(seed());
  const digits = () => String(random.below(1_000_000_000));
  for (let round = 0; round < 3000; round++) {
    const text = `${digits()}.${digits()}${digits()}e${random.below(660) - 340}`;
    assertEquals(floatBits(text, "f64"), f64Bits(Number(text)), `seed ${random.seed}: ${text}`);
  }
});

Deno.test("floatBits() rounds at the edges of both formats, ties to even", () => {
  const cases: [text: string, kind: "f32" | "f64", bits: bigint][] = [
    ["0", "f32", 0n],
    ["-0.0", "f32", 0x8000_0000n],
    ["1", "f32", 0x3f80_0000n],
    ["0x1.000001p0", "f32", 0x3f80_0000n],
    ["0x1.000003p0", "f32", 0x3f80_0002n],
    ["0x1.00000100000000001p0", "f32", 0x3f80_0001n],
    // Rounding to f64 first would give a tie, and then the even neighbour.
    ["8.8817847263968443574e-16", "f32", 0x2680_0001n],
    ["0x1p-149", "f32", 1n],
    ["0x1p-150", "f32", 0n],
    ["0x1.8p-150", "f32", 1n],
    ["0x1.fffffep-127", "f32", 0x0080_0000n],
    ["0x1.fffffep+127", "f32", 0x7f7f_ffffn],
    ["340282356779733661637539395458142568447", "f32", 0x7f7f_ffffn],
    ["340282356779733661637539395458142568448", "f32", 0x7f80_0000n],
    ["4.9406564584124654e-324", "f64", 1n],
    ["0x0.0000000000001p-1022", "f64", 1n],
    ["0x1_0.0p+0", "f64", 0x4030_0000_0000_0000n],
    ["1_0e1_0", "f64", f64Bits(1e11)],
    ["inf", "f64", 0x7ff0_0000_0000_0000n],
    ["-inf", "f32", 0xff80_0000n],
    ["nan", "f64", 0x7ff8_0000_0000_0000n],
    ["-nan:0x200000", "f32", 0xffa0_0000n],
  ];
  for (const [text, kind, bits] of cases) assertEquals(floatBits(text, kind), bits, text);
});

Deno.test("integerBits() reads both signs and both bases", () => {
  assertEquals(integerBits("-1", 32), 0xffff_ffffn);
  assertEquals(integerBits("4294967295", 32), 0xffff_ffffn);
  assertEquals(integerBits("-0x8000_0000_0000_0000", 64), 1n << 63n);
  assertEquals(integerBits("+1_0", 8), 10n);
});

Deno.test("floatBits() and integerBits() refuse what is no number", () => {
  for (const text of ["", ".5", "1.5.5", "0x", "nanx"]) {
    assertThrows(() => floatBits(text, "f32"), SyntaxError, "is no float");
  }
  assertThrows(() => integerBits("1.5", 32), SyntaxError, "is no integer");
});

Deno.test("isNaNOf() tells canonical and arithmetic NaNs from others, whatever their sign", () => {
  assertEquals(canonicalNaN("f32"), 0x7fc0_0000n);
  assert(isNaNOf("f32", "canonical", 0xffc0_0000n));
  assert(!isNaNOf("f32", "canonical", 0x7fc0_0001n));
  assert(isNaNOf("f32", "arithmetic", 0xffc0_0001n));
  assert(!isNaNOf("f32", "arithmetic", 0x7fa0_0000n));
  assert(!isNaNOf("f64", "arithmetic", 0x7ff0_0000_0000_0000n));
});
