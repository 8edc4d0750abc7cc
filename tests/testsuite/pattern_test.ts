import { assertEquals, assertThrows } from "../assert.ts";
import type { Observed } from "./guest/program.ts";
import { formatObserved, leavesNaN, matches, readArgument, readPattern } from "./pattern.ts";
import { Scanner } from "./s_expression.ts";

const ANY_NAN = { canonicalNaN: false }, CANONICAL_NAN = { canonicalNaN: true };

function pattern(text: string) {
  return readPattern(new Scanner(text).node());
}

function f32(bits: bigint): Observed {
  return { type: "f32", bits };
}

Deno.test("readArgument() packs lanes from the lowest byte up", () => {
  const lanes = Array.from({ length: 16 }, (_, index) => index === 15 ? -1 : index).join(" ");
  const scanner = new Scanner(
    `(v128.const i8x16 ${lanes}) (v128.const f64x2 1 -0.0) (ref.extern 3) (ref.null func)`,
  );
  assertEquals(scanner.nodes().map(readArgument), [
    { type: "v128", bits: 0xff0e_0d0c_0b0a_0908_0706_0504_0302_0100n },
    { type: "v128", bits: 0x8000_0000_0000_0000_3ff0_0000_0000_0000n },
    { type: "host", host: 3 },
    { type: "null" },
  ]);
});

Deno.test("readArgument() refuses what only a result can be", () => {
  for (
    const text of [
      "(f32.const nan:canonical)",
      "(ref.func)",
      "(either (i32.const 1))",
      "(v128.const i8x16 1)",
    ]
  ) {
    assertThrows(() => readArgument(new Scanner(text).node()), SyntaxError, "is no value");
  }
});

Deno.test("matches() compares numbers by type and bits", () => {
  assertEquals(matches(pattern("(i32.const -1)"), { type: "i32", bits: 0xffff_ffffn }, ANY_NAN), true);
  assertEquals(matches(pattern("(i32.const -1)"), { type: "i64", bits: 0xffff_ffffn }, ANY_NAN), false);
  assertEquals(matches(pattern("(f32.const 0)"), f32(0x8000_0000n), ANY_NAN), false);
  assertEquals(matches(pattern("(f32.const nan:0x200000)"), f32(0x7fc0_0000n), ANY_NAN), false);
});

Deno.test("matches() holds a NaN that is left open to its form, or to the one canonical NaN", () => {
  const arithmetic = pattern("(f32.const nan:arithmetic)"), canonical = pattern("(f32.const nan:canonical)");
  const rows: [bits: bigint, arithmetic: boolean, canonical: boolean, strict: boolean][] = [
    [0x7fc0_0000n, true, true, true],
    [0xffc0_0000n, true, true, false],
    [0x7fe0_0000n, true, false, false],
    [0x7fa0_0000n, false, false, false],
    [0x7f80_0000n, false, false, false],
  ];
  for (const [bits, ...expected] of rows) {
    const seen = [
      matches(arithmetic, f32(bits), ANY_NAN),
      matches(canonical, f32(bits), ANY_NAN),
      matches(arithmetic, f32(bits), CANONICAL_NAN),
    ];
    assertEquals(seen, expected, bits.toString(16));
  }
});

Deno.test("matches() judges every lane of a vector", () => {
  const wanted = pattern("(v128.const f32x4 nan:canonical 1 nan:arithmetic 0)");
  const good = 0x0000_0000_7fe0_0000_3f80_0000_ffc0_0000n;
  assertEquals(matches(wanted, { type: "v128", bits: good }, ANY_NAN), true);
  assertEquals(matches(wanted, { type: "v128", bits: good }, CANONICAL_NAN), false);
  for (const lane of [0n, 32n, 64n, 96n]) {
    assertEquals(
      matches(wanted, { type: "v128", bits: good ^ (1n << (lane + 22n)) }, ANY_NAN),
      false,
      `${lane}`,
    );
  }
  assertEquals([leavesNaN(wanted), leavesNaN(pattern("(either (i32.const 1) (f64.const nan))"))], [
    true,
    false,
  ]);
});

Deno.test("matches() tells references by kind and by the host's number", () => {
  const extern: Observed = { type: "ref", is: "extern", host: 1 }, i31: Observed = { type: "ref", is: "i31" };
  const rows: [text: string, value: Observed, expected: boolean][] = [
    ["(ref.extern 1)", extern, true],
    ["(ref.extern 2)", extern, false],
    ["(ref.extern)", extern, true],
    ["(ref.null extern)", extern, false],
    ["(ref.null)", { type: "ref", is: "null" }, true],
    ["(ref.func)", { type: "ref", is: "null" }, false],
    ["(ref.eq)", i31, true],
    ["(ref.struct)", i31, false],
    ["(i32.const 0)", i31, false],
  ];
  for (const [text, value, expected] of rows) {
    assertEquals(matches(pattern(text), value, ANY_NAN), expected, `${text} ${formatObserved(value)}`);
  }
});
